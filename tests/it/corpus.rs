//! The inputs that fuzzing found, minimised and committed, each through its target again.

use std::fs;
use std::panic;
use std::path::Path;

use provision_tests::fuzz::TARGETS;

#[test]
fn no_input_of_the_corpus_breaks_its_target() {
    for target in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target.name);
        let entries = fs::read_dir(&folder).expect("each target has a corpus");
        let mut count = 0;
        for entry in entries {
            let path = entry.expect("the folder is readable").path();
            let input = fs::read(&path).expect("it was listed");
            let outcome = panic::catch_unwind(|| (target.run)(&input));
            assert!(outcome.is_ok(), "`{}` fails on {}", target.name, path.display());
            count += 1;
        }
        assert!(count > 0, "the corpus of `{}` is empty", target.name);
    }
}
