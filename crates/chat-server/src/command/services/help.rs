//! `HELP`, the same for all services.

use super::{Service, Whom, find, operators, tell};
use crate::command::Context;

pub(super) fn help(context: &mut Context<'_>, service: &'static Service, name: Option<&str>) {
    let Some(name) = name else {
        return overview(context, service);
    };
    let Some(word) = find(service, name) else {
        let text = format!(
            "I do not know that word. /msg {} HELP lists all",
            service.name
        );
        return tell(context, service, &text);
    };
    tell(
        context,
        service,
        &format!("\u{2}{}\u{2} {}", word.name, word.syntax),
    );
    for line in word.help {
        tell(context, service, line);
    }
    if !word.aliases.is_empty() {
        let text = format!("The same as: {}", word.aliases.join(", "));
        tell(context, service, &text);
    }
}

fn overview(context: &mut Context<'_>, service: &'static Service) {
    tell(context, service, service.about);
    let ask = format!(
        "Write to me with /msg {} or /{}. I understand:",
        service.name, service.short
    );
    tell(context, service, &ask);
    for word in service.words {
        if matches!(word.whom, Whom::Operators(right) if !operators::has(context, right)) {
            continue;
        }
        let first = word.help.first().copied().unwrap_or_default();
        tell(
            context,
            service,
            &format!("  \u{2}{}\u{2}: {first}", word.name),
        );
    }
    let more = format!("/msg {} HELP <word> tells more", service.name);
    tell(context, service, &more);
}
