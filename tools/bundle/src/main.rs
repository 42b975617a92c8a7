//! `bundle IN.wasm OUT_DIR`: writes `app.js` and `app_bg.wasm` for browsers.
//!
//! It stands in for the `wasm-bindgen` command, whose version must equal the library's to the patch:
//! as a member of the workspace it takes that version from the same Cargo.lock.
#![expect(clippy::print_stderr, reason = "a command says on stderr why it failed")]

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, out] = arguments.as_slice() else {
        eprintln!("bundle: expected two arguments, IN.wasm and OUT_DIR, got {}", arguments.len());
        return ExitCode::from(2);
    };
    // Leptos hands the module's address to the script, so the script needs no address of its own,
    // and either file can be renamed after its content.
    let made = wasm_bindgen_cli_support::Bindgen::new()
        .input_path(input)
        .out_name("app")
        .web(true)
        .and_then(|bindgen| bindgen.typescript(false).omit_default_module_path(true).generate(out));
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("bundle: cannot make a module for browsers of {input}: {why:#}");
            ExitCode::FAILURE
        }
    }
}
