//! The tests.

mod crash;
mod crowd;
mod leave;
mod place;

use crate::Test;

pub(crate) const ALL: &[Test] = &[
    ("balanced_by_least_connection_process", place::least_process),
    ("balanced_by_least_connection_fork", place::least_fork),
    ("balanced_by_round_robin_process", place::round_process),
    ("balanced_by_round_robin_fork", place::round_fork),
    ("all_full", place::all_full),
    ("ports_of_their_own", place::direct),
    ("killed_server_comes_back_process", crash::killed_process),
    ("killed_server_comes_back_fork", crash::killed_fork),
    ("unacknowledged_clients_move_process", crash::move_process),
    ("unacknowledged_clients_move_fork", crash::move_fork),
    ("a_hung_server_is_passed_over_and_killed", crash::hung),
    ("who_was_not_registered_is_counted", crash::unregistered),
    ("five_crashes_and_it_has_failed", crash::failed),
    ("a_server_that_is_never_ready", crash::never_ready),
    ("a_dead_forker_is_survived", crash::forker),
    (
        "a_dead_launcher_leaves_nobody_process",
        crash::launcher_process,
    ),
    ("a_dead_launcher_leaves_nobody_fork", crash::launcher_fork),
    (
        "thousands_leave_nothing_behind_process",
        crowd::thousands_process,
    ),
    ("thousands_leave_nothing_behind_fork", crowd::thousands_fork),
    ("a_stopped_server_does_not_stop_the_edge", crowd::busy),
    ("drain_and_restart_process", leave::drain_process),
    ("drain_and_restart_fork", leave::drain_fork),
    ("restart_tells_the_clients", leave::restart),
    ("a_stubborn_server_is_killed", leave::stubborn),
    ("sigterm_makes_a_server_leave_in_order", leave::sigterm),
];
