//! Removing a provider.

use super::{LIST, crumbs_to, id_here};
use crate::{
    api::providers::get_provider,
    islands::confirm::Confirm,
    parts::{
        form::{FormFault, Submit, TextField, Typed},
        head::{PageHead, plural},
        load::load,
        panel::Panel,
    },
};
use leptos::prelude::*;

/// Says what ends, and asks for the provider's name; admins only.
#[component]
pub fn RemoveProvider() -> impl IntoView {
    load(get_provider(id_here()), |provider| {
        let here = format!("{LIST}/{}", provider.id);
        let action = format!("{here}/remove");
        let name = provider.settings.name;
        let crumbs = crumbs_to(&provider.id, &name);
        let form = Typed::here();
        let people = match provider.people {
            0 => "Nobody has come in through it so far.".to_owned(),
            count => {
                let came = plural(count, "person has come", "people have come");
                format!("{came} in through it. Their sessions end now.")
            }
        };
        let (hint, text) = (name.clone(), name);
        view! {
            <PageHead
                title="Remove the provider"
                lead="Nobody comes in through it any more.".into_any()
                crumbs
            />
            <form id="remove" class="form" method="post" action=action autocomplete="off">
                <FormFault form=form.clone() labels=&[("confirm", "Name")] />
                <Panel title="What happens">
                    <ul class="pad plain-list">
                        <li>{people}</li>
                        <li>"The roles that followed from its rules end. Those that were given by hand stay."</li>
                        <li>"Their accounts stay. Who has no password here needs another way in."</li>
                    </ul>
                </Panel>
                <TextField form name="confirm" label="Type the provider's name to confirm" hint />
                <Confirm form="remove".to_owned() field="confirm".to_owned() text />
                <Submit text="Remove the provider" class="danger" cancel=here />
            </form>
        }
    })
}
