#![no_implicit_prelude]
#![allow(non_camel_case_types)]

#[allow(unused_imports)]
use ::propagate_context::propagate_context;

type bool = ();
type u8 = ::std::string::String;

#[propagate_context]
pub async fn shadowed(name: u8) -> ::std::option::Option<u8> {
    let handle = ::std::thread::spawn(move || name);
    ::std::result::Result::ok(handle.join())
}

#[propagate_context]
pub fn sync(_: bool) -> u8 {
    u8::new()
}
