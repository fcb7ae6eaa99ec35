//! `cellwise.toml` and `pyproject.toml`.

use cellwise::config::{Config, Dialect};

/// Any text in both: what is wrong is said by line, and what is set can be set again as it is told.
pub(super) fn target(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for dialect in Dialect::ALL {
        let Some((config, problems)) = Config::parse(&text, dialect) else { continue };
        for problem in &problems {
            let lines = text.split('\n').count();
            assert!(problem.line.is_none_or(|line| (1..=lines).contains(&line)), "{problem:?}");
            assert!(!problem.to_string().is_empty());
        }
        drop((config.clean.clone().options(), config.merge.clone().options()));
        what_is_told_can_be_written(&config);
    }
}

/// The settings, written down as they are told, are a configuration without a fault that says the same.
fn what_is_told_can_be_written(config: &Config) {
    let lines: String =
        config.settings.iter().map(|setting| format!("{} = {}\n", setting.key, setting.value)).collect();
    let (again, problems) = Config::parse(&lines, Dialect::Cellwise).expect("a cellwise.toml");
    assert_eq!(problems, [], "{lines}");
    let told = |config: &Config| -> Vec<(&str, String)> {
        config.settings.iter().map(|setting| (setting.key, setting.value.clone())).collect()
    };
    assert_eq!(told(&again), told(config));
    assert_eq!((&again.clean, &again.merge), (&config.clean, &config.merge), "{lines}");
}
