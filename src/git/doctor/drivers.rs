//! Whether cellwise is installed, and whether git obeys what install has written.

use super::DoctorError;
use super::config::Entry;
use super::facts::Facts;
use super::finding::{Finding, some_of};
use super::kinds::{CACHE_VERSION, DRIVER_WITHOUT_LINE, LINES_DIFFER, NOT_INSTALLED, OVERRULED, SUBMODULES};
use super::programs;
use crate::git::install::{self, Asked, Change, DRIVER, Place, Plan, Scope, Share, Tool};
use crate::text::TEXT_FORM_VERSION;

/// The command that installs again where cellwise is installed.
pub(super) fn install_again(facts: &Facts) -> &'static str {
    match installed(facts).map(|entry| entry.scope.as_str()) {
        Some("global") => "cellwise install --global",
        Some("system") => "cellwise install --system",
        _ => "cellwise install",
    }
}

/// The nearest line of ours, whether git obeys it or not.
pub(super) fn installed(facts: &Facts) -> Option<&Entry> {
    let keys = ["diff", "merge"].map(|kind| format!("{kind}.{DRIVER}."));
    let is_driver = |entry: &&Entry| keys.iter().any(|key| entry.key.starts_with(key));
    facts.config.entries().rev().filter(is_driver).find(|entry| install::is_ours(&entry.key, &entry.value))
}

pub(super) fn check(facts: &Facts, tool: &Tool) -> Result<Vec<Finding>, DoctorError> {
    let mut findings = half_sections(facts);
    let Some(entry) = installed(facts) else {
        findings.extend(facts.repository.is_some().then(|| not_installed(facts)));
        return Ok(findings);
    };
    let scope = match entry.scope.as_str() {
        "global" => Scope::Global,
        "system" => Scope::System,
        _ => Scope::Local,
    };
    let plan = Plan::install(Place::of(scope, &facts.dir)?, tool, Asked::default(), Share::No)?;
    findings.extend(plan.overruled.iter().map(|other| overruled(facts, &other.key)));
    let cache = cache(facts);
    // Lines for another program are other lines in any case.
    if programs::named(facts).iter().all(|named| programs::is_this(named, tool)) && cache.is_none() {
        findings.extend(differing(&plan, facts));
    }
    findings.extend(cache);
    findings.extend(submodules(&plan)?);
    Ok(findings)
}

/// `cellwise` is not there at all; perhaps another tool is.
fn not_installed(facts: &Facts) -> Finding {
    let other = facts.driver("merge", "driver").or_else(|| facts.driver("diff", "command"));
    match other {
        Some(entry) => {
            let message = format!("cellwise is not installed here; git runs another program: {}", entry.value);
            Finding::new(&NOT_INSTALLED, message, "cellwise install").at(entry.origin())
        }
        None => {
            let message = "cellwise is not installed here: git shows and merges notebooks as plain text";
            Finding::new(&NOT_INSTALLED, message, "cellwise install")
        }
    }
}

fn overruled(facts: &Facts, key: &str) -> Finding {
    let Some(entry) = facts.config.get(key) else {
        return Finding::new(&OVERRULED, format!("git obeys another value of {key}"), "cellwise install");
    };
    let message = format!("git obeys another value of {key}: {}", entry.value);
    let finding = match entry.scope.as_str() {
        "command" => {
            Finding::advising(&OVERRULED, message, "leave out git's -c option (or GIT_CONFIG_* in the environment)")
        }
        _ => Finding::new(&OVERRULED, message, entry.unset()),
    };
    finding.at(entry.origin())
}

/// What install would write again. Lines that come from a file which the configuration includes are there all the same.
fn differing(plan: &Plan, facts: &Facts) -> Option<Finding> {
    let is_in_force = |change: &Change| facts.config.get(change.key).map(|entry| &entry.value) == change.wanted.last();
    let due = plan.changes.iter().filter(|change| change.is_due() && !is_in_force(change));
    let keys: Vec<String> = due.map(|change| change.key.to_owned()).collect();
    let message = format!("not as this version of cellwise writes it: {}", some_of(&keys));
    let origin = plan.config.path.display().to_string();
    (!keys.is_empty()).then(|| Finding::new(&LINES_DIFFER, message, install_again(facts)).at(origin))
}

/// git ends every merge of a notebook with a fatal error if its driver has a name and no line.
fn half_sections(facts: &Facts) -> Vec<Finding> {
    let mut drivers = facts.values("merge");
    drivers.extend((!drivers.contains(&DRIVER)).then_some(DRIVER));
    let half = drivers.into_iter().filter_map(|driver| {
        let name = facts.config.get(&format!("merge.{driver}.name"))?;
        let has_line = facts.config.get(&format!("merge.{driver}.driver")).is_some();
        (!has_line).then_some((driver, name))
    });
    half.map(|(driver, name)| {
        let message = format!("merge.{driver} has a name and no driver: git ends merges of notebooks with an error");
        let cure = match driver {
            DRIVER => "cellwise install".to_owned(),
            _ => format!("git config --{} --remove-section merge.{driver}", name.scope),
        };
        Finding::new(&DRIVER_WITHOUT_LINE, message, cure).at(name.origin())
    })
    .collect()
}

/// git keeps texts for as long as the line stays the same, so the version of the text form must stand in it.
fn cache(facts: &Facts) -> Option<Finding> {
    facts.config.get_true(&format!("diff.{DRIVER}.cachetextconv"))?;
    let line = facts.driver("diff", "textconv").filter(|line| install::is_ours(&line.key, &line.value))?;
    let current = format!(" --text-form={TEXT_FORM_VERSION} ");
    let message = "git keeps texts of notebooks, and its line does not name this version of the text form: \
         old texts stay after an update";
    let is_old = !line.value.contains(&current);
    is_old.then(|| Finding::new(&CACHE_VERSION, message, "cellwise install --cache").at(line.origin()))
}

fn submodules(plan: &Plan) -> Result<Option<Finding>, DoctorError> {
    let paths = plan.uncovered_submodules()?;
    let message = format!("the notebooks of submodules are not covered: {}", paths.join(", "));
    let command = "git submodule foreach --recursive 'cellwise install'";
    Ok((!paths.is_empty()).then(|| Finding::new(&SUBMODULES, message, command)))
}
