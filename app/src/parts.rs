//! What pages are made of.

pub mod ask;
pub mod badge;
pub mod button;
pub mod chart;
pub mod checks;
pub mod code;
pub mod empty;
pub mod facts;
pub mod fault;
pub mod form;
pub mod frame;
pub mod head;
pub mod icon;
pub mod lines;
pub mod load;
pub mod meter;
pub mod no_team;
pub mod notice;
pub mod pager;
pub mod panel;
pub mod passkey;
pub mod table;
pub mod tabs;
pub mod title;
pub mod wants;
pub mod when;
