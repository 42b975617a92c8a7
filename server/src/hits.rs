#![allow(missing_docs, clippy::all, unused)]
use crate::house::House;
use app::{
    api::hits::IncidentView,
    model::{fault::Fault, health::*, hit::*, ids::*, incident::*, list::Page, viewer::Viewer},
};
pub async fn list(h: &House, v: &Viewer, q: &HitQuery) -> Result<Page<Hit>, Fault> {
    Ok(Page { items: vec![], next: None })
}
pub async fn chart(h: &House, v: &Viewer, q: &TokenId) -> Result<HitChart, Fault> {
    Ok(HitChart::default())
}
pub async fn chart_of_everything(h: &House, v: &Viewer) -> Result<HitChart, Fault> {
    Ok(HitChart::default())
}
pub async fn incidents(h: &House, v: &Viewer, q: &IncidentQuery) -> Result<Page<Incident>, Fault> {
    Ok(Page { items: vec![], next: None })
}
pub async fn count_unresolved(h: &House, v: &Viewer) -> Result<i64, Fault> {
    Ok(0)
}
pub async fn incident(h: &House, v: &Viewer, q: &IncidentId) -> Result<IncidentView, Fault> {
    Err(Fault::internal())
}
pub async fn quarantine(h: &House, v: &Viewer, q: Option<&str>) -> Result<Page<Quarantined>, Fault> {
    Ok(Page { items: vec![], next: None })
}
