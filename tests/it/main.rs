//! The promises, one file each.

mod blocks;
mod detached;
mod join_or_bring;
mod limits;
mod log_crate;
mod log_escaping;
mod log_json_keys;
mod log_lines_carry_context;
mod log_nonblocking;
mod marked_closures;
mod options;
mod r1_swap_nothing_else;
mod r2_writes_stay_in_the_scope;
mod r3_children_get_a_snapshot;
mod r4_annotated_functions_join_or_bring;
mod r5_drops_run_inside;
mod r6_reads_never_panic;
mod r7_no_guard_to_misuse;
mod r8_nothing_by_surprise;
mod r9_policy_at_the_declaration;
mod send_sync;
mod small_core;
mod spawn_sites;
mod thousand_requests;
