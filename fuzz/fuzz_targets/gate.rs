#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| provision_tests::fuzz::gate(bytes));
