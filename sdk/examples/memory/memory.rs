//! The target of Memory.cpp in Rust, without crates:
//!     rustc --edition 2021 -O -C panic=unwind --crate-type cdylib --crate-name memory memory.rs

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::os::raw::c_char;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// The border, as target.h 1.3 has it.
#[allow(non_camel_case_types)]
mod border {
    use super::{c_char, c_void};

    pub const OK: i32 = 0;
    pub const CONFIG: i32 = 1;
    pub const REJECTED: i32 = 3;

    #[repr(C)]
    #[derive(Clone, Copy)]
    pub struct muster_text {
        pub data: *const c_char,
        pub size: u64,
    }

    #[repr(C)]
    pub struct muster_sink {
        pub context: *mut c_void,
        pub line: extern "C" fn(*mut c_void, muster_text),
    }

    #[repr(C)]
    pub struct muster_host {
        pub abi_major: u32,
        pub abi_minor: u32,
        pub context: *mut c_void,
        pub log: extern "C" fn(*mut c_void, i32, muster_text),
        pub is_cancelled: extern "C" fn(*mut c_void) -> i32,
        pub wait: extern "C" fn(*mut c_void, u64) -> i32,
        pub http: extern "C" fn(*mut c_void, muster_text, *const muster_sink) -> i32,
        pub get_extension: extern "C" fn(*mut c_void, *const c_char) -> *const c_void,
    }

    pub type Call = extern "C" fn(*mut c_void, muster_text, *const muster_sink) -> i32;

    #[repr(C)]
    pub struct muster_plugin {
        pub abi_major: u32,
        pub abi_minor: u32,
        pub id: *const c_char,
        pub version: *const c_char,
        pub create: extern "C" fn(
            *const muster_host,
            muster_text,
            *const muster_sink,
            *mut *mut c_void,
        ) -> i32,
        pub destroy: extern "C" fn(*mut c_void),
        pub check: Call,
        pub read: Call,
        pub apply: Call,
        pub get_extension: Option<extern "C" fn(*const c_char) -> *const c_void>,
    }

    // It is never written to.
    unsafe impl Sync for muster_plugin {}
}

use border::*;

/// As much JSON as the lines need; numbers stay as they are written.
#[derive(Clone, PartialEq)]
enum Json {
    Plain(String),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn takes(&mut self, expected: char) -> bool {
        self.skip();
        let is_there = self.rest.starts_with(expected);
        if is_there {
            self.rest = &self.rest[expected.len_utf8()..];
        }
        is_there
    }

    fn value(&mut self) -> Option<Json> {
        self.skip();
        if self.rest.starts_with('"') {
            return self.text().map(Json::Text);
        }
        if self.takes('[') {
            let mut items = Vec::new();
            while !self.takes(']') {
                items.push(self.value()?);
                self.takes(',');
            }
            return Some(Json::List(items));
        }
        if self.takes('{') {
            let mut members = BTreeMap::new();
            while !self.takes('}') {
                let name = self.text()?;
                if !self.takes(':') {
                    return None;
                }
                members.insert(name, self.value()?);
                self.takes(',');
            }
            return Some(Json::Object(members));
        }
        let end = self.rest.find([',', ']', '}', ' ']).unwrap_or(self.rest.len());
        let (plain, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!plain.is_empty()).then(|| Json::Plain(plain.to_string()))
    }

    fn text(&mut self) -> Option<String> {
        if !self.takes('"') {
            return None;
        }
        let mut result = String::new();
        let mut units = Vec::new(); // of UTF-16, as \u has them
        let mut characters = self.rest.char_indices();
        while let Some((at, character)) = characters.next() {
            let escape = if character == '\\' { characters.next()?.1 } else { ' ' };
            if escape == 'u' {
                let digits: String = (0..4).map_while(|_| characters.next().map(|c| c.1)).collect();
                units.push(u16::from_str_radix(&digits, 16).ok()?);
                continue;
            }
            result.push_str(&String::from_utf16_lossy(&units));
            units.clear();
            match (character, escape) {
                ('"', _) => {
                    self.rest = &self.rest[at + 1..];
                    return Some(result);
                }
                ('\\', 'n') => result.push('\n'),
                ('\\', 't') => result.push('\t'),
                ('\\', 'r') => result.push('\r'),
                ('\\', 'b') => result.push('\u{8}'),
                ('\\', 'f') => result.push('\u{c}'),
                ('\\', other) => result.push(other),
                (other, _) => result.push(other),
            }
        }
        None
    }
}

impl Json {
    fn parse(text: &str) -> Option<Json> {
        Parser { rest: text }.value()
    }

    fn text(value: &str) -> Json {
        Json::Text(value.to_string())
    }

    fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
        Json::Object(members.into_iter().map(|(name, value)| (name.to_string(), value)).collect())
    }

    fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.get(name),
            _ => None,
        }
    }

    fn string(&self, name: &str) -> String {
        match self.get(name) {
            Some(Json::Text(text)) => text.clone(),
            _ => String::new(),
        }
    }

    fn items(&self, name: &str) -> &[Json] {
        match self.get(name) {
            Some(Json::List(items)) => items,
            _ => &[],
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Json::Plain(text) => out.push_str(text),
            Json::Text(text) => {
                out.push('"');
                for character in text.chars() {
                    match character {
                        '"' | '\\' => out.extend(['\\', character]),
                        '\0'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", character as u32)),
                        _ => out.push(character),
                    }
                }
                out.push('"');
            }
            Json::List(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    out.push_str(if i > 0 { "," } else { "" });
                    item.write(out);
                }
                out.push(']');
            }
            Json::Object(members) => {
                out.push('{');
                for (i, (name, value)) in members.iter().enumerate() {
                    out.push_str(if i > 0 { "," } else { "" });
                    Json::text(name).write(out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn view<'a>(text: muster_text) -> &'a str {
    if text.size == 0 {
        return "";
    }
    let bytes = unsafe { std::slice::from_raw_parts(text.data as *const u8, text.size as usize) };
    std::str::from_utf8(bytes).unwrap_or("")
}

/// The lines of a text, each the inner object and what it is.
fn lines(text: &str) -> Vec<(String, Json)> {
    let objects = text.lines().filter_map(Json::parse);
    objects
        .filter_map(|line| match line {
            Json::Object(members) => members.into_iter().next(),
            _ => None,
        })
        .collect()
}

struct Output(*const muster_sink);

impl Output {
    fn say(&self, what: &str, value: Json) {
        let mut line = String::new();
        Json::object([(what, value)]).write(&mut line);
        let sink = unsafe { &*self.0 };
        let text = muster_text { data: line.as_ptr() as *const c_char, size: line.len() as u64 };
        (sink.line)(sink.context, text);
    }
}

#[derive(Clone)]
struct Record {
    kind: String,
    key: String,
    name: String,
    fields: BTreeMap<String, Json>,
    is_active: bool,
}

#[derive(Default)]
struct Room {
    records: BTreeMap<String, Record>,          // by remote id
    links: BTreeMap<(String, String), String>, // (from, to): role
}

struct Memory {
    host: *const muster_host,
    size: usize,
    rooms: BTreeMap<String, Room>,
}

fn record_json(id: &str, record: &Record) -> Json {
    Json::object([
        ("kind", Json::text(&record.kind)),
        ("key", Json::text(&record.key)),
        ("name", Json::text(&record.name)),
        ("remoteId", Json::text(id)),
        ("active", Json::Plain(record.is_active.to_string())),
        ("fields", Json::Object(record.fields.clone())),
    ])
}

fn end_json(kind: &str, id: &str) -> Json {
    Json::object([("kind", Json::text(kind)), ("remoteId", Json::text(id))])
}

/// What became of a change: the state, and then why or the record.
type Outcome = (&'static str, Option<(&'static str, Json)>);

fn rejected(why: &str) -> Outcome {
    ("rejected", Some(("message", Json::text(why))))
}

impl Room {
    fn make(&mut self, size: usize, change: &Json) -> Outcome {
        let kind = change.string("kind");
        match change.string("action").as_str() {
            "link" => self.link(change),
            "unlink" => match self.links.remove(&ends(change)) {
                Some(_) => ("applied", None),
                None => ("unchanged", None),
            },
            "create" if kind == "person" || kind == "team" => self.create(size, change, kind),
            action => self.change(action, change, kind),
        }
    }

    fn link(&mut self, change: &Json) -> Outcome {
        let ends = ends(change);
        if !self.records.contains_key(&ends.0) || !self.records.contains_key(&ends.1) {
            return rejected("one end of the link is not there");
        }
        self.links.insert(ends, change.string("role"));
        ("applied", None)
    }

    fn create(&mut self, size: usize, change: &Json, kind: String) -> Outcome {
        let key = change.string("key");
        for (id, record) in &self.records {
            if record.kind == kind && record.key == key {
                return ("applied", Some(("record", record_json(id, record))));
            }
        }
        if self.records.len() >= size {
            return rejected("the room is full: raise the setting size");
        }
        let fields = match change.get("fields") {
            Some(Json::Object(fields)) => fields.clone(),
            _ => BTreeMap::new(),
        };
        let id = (self.records.len() + 1).to_string();
        let record = Record { kind, key, name: change.string("name"), fields, is_active: true };
        let json = record_json(&id, &record);
        self.records.insert(id, record);
        ("applied", Some(("record", json)))
    }

    fn change(&mut self, action: &str, change: &Json, kind: String) -> Outcome {
        let id = change.string("remoteId");
        let record = match self.records.get_mut(&id) {
            Some(record) if kind == "person" && record.kind == kind => record,
            _ => return rejected("there is no such person"),
        };
        if action != "update" {
            record.is_active = action == "activate";
        } else if let Some(Json::Object(fields)) = change.get("fields") {
            record.fields.extend(fields.clone());
            record.fields.retain(|_, value| *value != Json::Plain("null".to_string()));
        }
        ("applied", Some(("record", record_json(&id, record))))
    }
}

fn ends(change: &Json) -> (String, String) {
    let id = |end| change.get(end).map(|end| end.string("remoteId")).unwrap_or_default();
    (id("from"), id("to"))
}

impl Memory {
    fn room(&mut self, scope: Option<&Json>) -> &mut Room {
        let name = scope.map(|scope| scope.string("room")).unwrap_or_default();
        self.rooms.entry(name).or_default()
    }

    fn is_cancelled(&self) -> bool {
        let host = unsafe { &*self.host };
        (host.is_cancelled)(host.context) != 0
    }

    fn check(&mut self, request: &str, output: &Output) {
        for (_, scope) in lines(request) {
            let message = format!("the room {} is ready", scope.string("room"));
            output.say(
                "finding",
                Json::object([
                    ("code", Json::text("room-ready")),
                    ("severity", Json::text("info")),
                    ("message", Json::text(&message)),
                ]),
            );
        }
    }

    fn read(&mut self, request: &str, output: &Output) {
        for (_, asked) in lines(request) {
            let room = self.room(asked.get("scope"));
            for kind in asked.items("kinds") {
                for (id, record) in &room.records {
                    if *kind == Json::text(&record.kind) {
                        output.say("record", record_json(id, record));
                    }
                }
            }
            for into in asked.items("linksInto") {
                for ((from, to), role) in &room.links {
                    if into.string("remoteId") == *to {
                        output.say(
                            "link",
                            Json::object([
                                ("from", end_json("person", from)),
                                ("to", end_json("team", to)),
                                ("role", Json::text(role)),
                            ]),
                        );
                    }
                }
            }
        }
    }

    fn apply(&mut self, request: &str, output: &Output) {
        let mut scope = None;
        for (what, value) in lines(request) {
            if what == "scope" {
                scope = Some(value);
                continue;
            }
            let (state, more) = if self.is_cancelled() {
                ("retry", Some(("message", Json::text("cancelled"))))
            } else {
                let size = self.size;
                self.room(scope.as_ref()).make(size, &value)
            };
            let id = value.get("id").cloned().unwrap_or(Json::Plain("0".to_string()));
            let mut outcome = BTreeMap::new();
            outcome.insert("id".to_string(), id);
            outcome.insert("state".to_string(), Json::text(state));
            outcome.extend(more.map(|(name, value)| (name.to_string(), value)));
            output.say("outcome", Json::Object(outcome));
        }
    }
}

/// Runs a call; nothing leaves it but a status, no panic either.
fn guarded(out: *const muster_sink, call: impl FnOnce(&Output) -> i32) -> i32 {
    let output = Output(out);
    catch_unwind(AssertUnwindSafe(|| call(&output))).unwrap_or_else(|_| {
        output.say("error", Json::object([("message", Json::text("the plugin has a fault"))]));
        REJECTED
    })
}

extern "C" fn create(
    host: *const muster_host,
    settings: muster_text,
    out: *const muster_sink,
    instance: *mut *mut c_void,
) -> i32 {
    guarded(out, |output| {
        let settings = Json::parse(view(settings));
        let size = match settings.as_ref().and_then(|settings| settings.get("size")) {
            Some(Json::Plain(number)) => number.parse().unwrap_or(0),
            _ => 1000,
        };
        if size < 1 {
            output.say(
                "error",
                Json::object([
                    ("message", Json::text("it must be at least 1")),
                    ("setting", Json::text("size")),
                ]),
            );
            return CONFIG;
        }
        let memory = Box::new(Memory { host, size, rooms: BTreeMap::new() });
        unsafe { *instance = Box::into_raw(memory) as *mut c_void };
        OK
    })
}

extern "C" fn destroy(instance: *mut c_void) {
    drop(unsafe { Box::from_raw(instance as *mut Memory) });
}

fn called(
    instance: *mut c_void,
    request: muster_text,
    out: *const muster_sink,
    call: fn(&mut Memory, &str, &Output),
) -> i32 {
    guarded(out, |output| {
        call(unsafe { &mut *(instance as *mut Memory) }, view(request), output);
        OK
    })
}

extern "C" fn check(instance: *mut c_void, text: muster_text, out: *const muster_sink) -> i32 {
    called(instance, text, out, Memory::check)
}

extern "C" fn read(instance: *mut c_void, text: muster_text, out: *const muster_sink) -> i32 {
    called(instance, text, out, Memory::read)
}

extern "C" fn apply(instance: *mut c_void, text: muster_text, out: *const muster_sink) -> i32 {
    called(instance, text, out, Memory::apply)
}

#[no_mangle]
#[allow(non_upper_case_globals)]
pub static muster_plugin: muster_plugin = muster_plugin {
    abi_major: 1,
    abi_minor: 3,
    id: b"memory\0".as_ptr() as *const c_char,
    version: b"1.0.0\0".as_ptr() as *const c_char,
    create,
    destroy,
    check,
    read,
    apply,
    get_extension: None,
};
