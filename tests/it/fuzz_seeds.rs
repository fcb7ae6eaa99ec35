//! What fuzzing begins with and what it found, through the same laws, on any toolchain.

use std::fs;
use std::path::Path;

use crate::targets::TARGETS;

#[test]
fn the_laws_hold_for_every_seed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let mut left = fs::read_dir(&folder).unwrap().count();
    for (name, target) in TARGETS {
        let seeds = fs::read_dir(folder.join(name)).unwrap_or_else(|error| panic!("fuzz/seeds/{name}: {error}"));
        let mut count = 0;
        for seed in seeds {
            let path = seed.unwrap().path();
            let input = fs::read(&path).unwrap();
            // Whose turn it is stands in the output of a test that fails.
            println!("{}", path.display());
            target(&input);
            count += 1;
        }
        assert!(count > 0, "fuzz/seeds/{name} is empty");
        left -= 1;
    }
    assert_eq!(left, 0, "a folder in fuzz/seeds is no target's");
}
