//! The `cellwise` command.
use std::collections::HashMap;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let read = |i: usize| std::fs::read(&args[i]).unwrap();
    match args[1].as_str() {
        "merge" => {
            let (b, o, t) = (read(2), read(3), read(4));
            use cellwise::{merge::*, notebook::Notebook};
            let base = Notebook::read(&b).ok();
            let r = (|| -> Result<MergeOutcome, String> {
                let ours = Notebook::read(&o).map_err(|e| e.to_string())?;
                let theirs = Notebook::read(&t).map_err(|e| e.to_string())?;
                if base.is_none() && !b.is_empty() {
                    return Err("base".into());
                }
                merge(base.as_ref(), &ours, &theirs, &MergeOptions::default()).map_err(|e| e.to_string())
            })();
            match r {
                Ok(r) => {
                    std::fs::write(&args[6], &r.bytes).unwrap();
                    let mut k: HashMap<&str, usize> = HashMap::new();
                    for c in &r.conflicts {
                        *k.entry(c.kind.name()).or_default() += 1;
                    }
                    eprintln!("{k:?} choices {}", r.choices.len());
                    std::process::exit(i32::from(!r.conflicts.is_empty()));
                }
                Err(e) => {
                    eprintln!("{e}");
                    let out = std::process::Command::new("git")
                        .args(["merge-file", "-p", "-q", &args[3], &args[2], &args[4]])
                        .output()
                        .unwrap();
                    std::fs::write(&args[6], &out.stdout).unwrap();
                    std::process::exit(i32::from(out.status.code() != Some(0)));
                }
            }
        }
        "textconv" => {
            let bytes = read(2);
            let nb = cellwise::notebook::Notebook::read(&bytes).unwrap();
            use std::io::Write;
            std::io::stdout().write_all(&cellwise::text::text_form(&nb).bytes).unwrap();
        }
        _ => {}
    }
}
