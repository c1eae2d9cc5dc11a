//! Each program here leaves out a step of the path or forges what only a step can make.

#[test]
fn leaving_out_a_step_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/does_not_compile/*.rs");
}
