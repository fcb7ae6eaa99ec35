//! The notebook that the configured lines are tried on.

/// Its versions: two people have run it and edited one cell each, which git's own merge of lines takes for a conflict.
pub(super) struct Sample {
    pub(super) base: String,
    pub(super) ours: String,
    pub(super) theirs: String,
}

impl Sample {
    pub(super) fn new() -> Self {
        Self {
            base: notebook("a = 1", "b = 1", 1),
            ours: notebook("a = 2", "b = 1", 2),
            theirs: notebook("a = 1", "b = 2", 3),
        }
    }
}

fn notebook(first: &str, second: &str, count: u32) -> String {
    let cell = |source: &str| {
        format!(
            r#"  {{"cell_type": "code", "execution_count": {count}, "metadata": {{}}, "outputs": [], "source": ["{source}"]}}"#
        )
    };
    let cells = format!("{},\n{}", cell(first), cell(second));
    format!("{{\n \"cells\": [\n{cells}\n ],\n \"metadata\": {{}},\n \"nbformat\": 4,\n \"nbformat_minor\": 4\n}}\n")
}
