#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| cellwise_fuzz::run("resolve", input));
