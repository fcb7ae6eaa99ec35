//! placeholder
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputChange;
impl std::fmt::Display for OutputChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("outputs changed")
    }
}
/// x
pub fn output_changes(before: &str, after: &str) -> Vec<OutputChange> {
    if before == after { vec![] } else { vec![OutputChange] }
}
