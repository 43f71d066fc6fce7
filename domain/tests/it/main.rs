//! Properties and tables of the base types, through their public face.

mod day;
