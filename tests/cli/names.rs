// SPDX-License-Identifier: GPL-3.0-or-later
//! Much of Rust's library, for its names and for what is inlined into what.
use std::collections::{BTreeMap, HashMap};

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let mut sorted: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for i in 0..1000u64 {
        sorted.entry(format!("{}{}", words[0], i % 37)).or_default().push(i * i);
    }
    let mut hashed: HashMap<u64, String> = HashMap::new();
    for (key, values) in &sorted {
        let sum: u64 = values.iter().map(|x| x ^ 7).filter(|x| x % 3 == 0).sum();
        hashed.insert(sum, key.clone());
    }
    let mut list: Vec<_> = hashed.into_iter().collect();
    list.sort_by(|a, b| b.1.cmp(&a.1));
    println!("{:?}", &list[..3]);
}
