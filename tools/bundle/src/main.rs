//! `bundle IN.wasm OUT_DIR`: writes `app.js` and `app_bg.wasm` for browsers.
//!
//! It stands in for the `wasm-bindgen` command, whose version must equal the library's to the patch:
//! as a member of the workspace it takes that version from the same Cargo.lock.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, out] = arguments.as_slice() else {
        return ExitCode::from(2);
    };
    let made = wasm_bindgen_cli_support::Bindgen::new()
        .input_path(input)
        .out_name("app")
        .web(true)
        .and_then(|bindgen| bindgen.typescript(false).omit_default_module_path(false).generate(out));
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(_why) => ExitCode::FAILURE,
    }
}
