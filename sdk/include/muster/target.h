/// The border between Muster and a target plugin: a C ABI, C99 to C++20.
///
/// A target is a system that Muster keeps in step with Entra groups. Its plugin is a shared library
/// that exports one symbol, `muster_plugin`, and beside it a plugin.json that says what the plugin
/// can hold, which settings it takes, and where credentials go. In C++ use Target.hpp instead: it
/// makes all of this from a class.
///
/// Rules for the whole file
///
/// Frozen: structs never change their shape. What is added later is reached by get_extension, or is
/// a member of a line that may be left out, and raises MUSTER_ABI_MINOR; below, "since 1.1" marks
/// it. A host loads plugins of its own major version and of a minor version up to its own, and asks
/// of a plugin nothing that is younger than it.
///
/// Text: `muster_text` is UTF-8, not terminated, owned by the caller, and valid only during the
/// call. Copy what you keep. A size of 0 may come with data NULL.
///
/// Lines: what crosses is JSON lines. A line is one JSON object without line breaks in it; a text
/// of several lines separates them by '\n'; a sink takes one line a call, without the '\n'. A line
/// is an object of one member, whose name says what it is, like {"record":{...}}. Readers ignore
/// members of the inner object that they do not know. Below, `?` marks a member that may be left
/// out.
///
/// Threads: the host calls an instance from one thread at a time, which need not be the same each
/// time. Different instances run at once. All functions of muster_host and all sinks must be called
/// in the thread of the call they were given to, before it returns.
///
/// Errors: functions return a status. With any other than MUSTER_OK the plugin first says why:
///     {"error":{"message":"what was tried, on what, what to do", "setting"?:"apiKey"}}
/// `setting` names the setting to change, as a path ("pace.perSecond"). Only the last error counts.
/// No exception and no longjmp may leave the plugin.
///
/// Sandbox: a plugin opens no socket and no file, starts no thread that outlives a call, and writes
/// nothing to stdout. It reaches its target through `http` alone. It never sees a secret: settings
/// that are secret are taken out before it gets them.
#ifndef MUSTER_TARGET_H
#define MUSTER_TARGET_H

#include <stdint.h>

#if defined(__GNUC__)
#define MUSTER_EXPORT __attribute__((visibility("default")))
#else
#define MUSTER_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define MUSTER_ABI_MAJOR 1u
#define MUSTER_ABI_MINOR 3u

/// Done; for read: everything asked for was said.
#define MUSTER_OK 0
/// Someone must change a setting, a credential or a permission.
#define MUSTER_CONFIG 1
/// The target cannot be reached or asks for time; the same call may work later.
#define MUSTER_RETRY 2
/// The target refuses for good.
#define MUSTER_REJECTED 3
/// is_cancelled said so.
#define MUSTER_CANCELLED 4

#define MUSTER_LOG_DEBUG 0
#define MUSTER_LOG_INFO 1
#define MUSTER_LOG_WARNING 2
#define MUSTER_LOG_ERROR 3

struct muster_text
{
    const char* data;
    uint64_t size; ///< in bytes
};

/// Takes lines. `line` copies what it keeps, and does not fail. Owned by whoever hands it out,
/// valid during the call it is handed to.
struct muster_sink
{
    void* context; ///< given back to `line`
    void (*line)(void* context, struct muster_text line);
};

/// What the host does for an instance. Owned by the host; valid from create until destroy returns.
/// Every function takes `context` as its first argument.
struct muster_host
{
    uint32_t abi_major; ///< MUSTER_ABI_MAJOR the host was built with
    uint32_t abi_minor;
    void* context;

    /// Writes a message, for an administrator, with one of MUSTER_LOG_*. It may be called during
    /// create and destroy too; the functions below may not.
    void (*log)(void* context, int32_t level, struct muster_text message);

    /// Not 0 when the call under way should end: say what is already known, and return
    /// MUSTER_CANCELLED within two seconds. Look at it between steps; `http` and `wait` look at it
    /// themselves.
    int32_t (*is_cancelled)(void* context);

    /// Waits. Gives MUSTER_OK, or at once MUSTER_CANCELLED when cancelled. A plugin does not sleep
    /// by other means.
    int32_t (*wait)(void* context, uint64_t milliseconds);

    /// Sends requests, many at once where the pace allows it, and hands one answer per request to
    /// `answers`, as each is there, in any order, all before it returns. A sink must not call http.
    ///
    ///   {"request":{"id":1, "method":"GET", "path":"/v1/users?take=100", "origin"?:"site",
    ///               "headers"?:{"Accept":"application/json"}, "body"?:"...", "repeat"?:"safe"}}
    ///     id       number, chosen by the plugin, once in the text
    ///     path     begins with "/"; goes behind the URL in the setting `origin`, which plugin.json
    ///              lists under "origins" (left out: the first one that has a value). A setting
    ///              whose values stand for URLs is listed there, since 1.3, as
    ///              {"setting":"region", "urls":{"eu":"https://api.eu.example"}}. In place of both
    ///              `url` gives a whole URL; it must have the origin of one of those settings.
    ///     repeat   "safe" when sending it twice does what sending it once does, else "never". Left
    ///              out: safe for GET, HEAD, PUT and DELETE, never for the others.
    ///
    ///   {"answer":{"id":1, "status":200, "headers":{"content-type":"..."}, "body":"..."}}
    ///     header names in lower case; the body is text, what is not UTF-8 in it becomes U+FFFD
    ///   {"answer":{"id":1, "failure":"unknown", "message":"for an administrator"}}
    ///     unsent     it did not reach the target
    ///     unknown    it was sent and no whole answer came: it may have taken effect
    ///     refused    the host does not send it: address not allowed, certificate not trusted,
    ///                request malformed
    ///     toolarge   the answer is larger than the host takes; the request may have taken effect
    ///     cancelled  the call was cancelled before an answer came; it may have taken effect
    ///
    /// Before it answers, the host adds the credentials, keeps the pace, waits out 429 with
    /// Retry-After and tries again (all requests), and tries again after 5xx and `unknown`
    /// (requests that are safe to repeat only), within bounds that an administrator sets. So a
    /// plugin that is told 429, 5xx or a failure does not try again; it says retry. Exception: a
    /// write that is not safe to repeat and whose fate is unknown (unknown, toolarge, 5xx) - look
    /// whether it took effect.
    ///
    /// Gives MUSTER_OK, MUSTER_CANCELLED (answers were given all the same), or MUSTER_REJECTED when
    /// the text is not what is described here; then nothing was sent.
    int32_t (*http)(void* context, struct muster_text requests, const struct muster_sink* answers);

    /// More services, by name and revision ("muster.NAME/1"), or NULL. Valid as long as the host.
    const void* (*get_extension)(void* context, const char* id);
};

/// What a plugin is. The library exports one, named muster_plugin. `instance` is what create made.
struct muster_plugin
{
    uint32_t abi_major; ///< MUSTER_ABI_MAJOR it was built with
    uint32_t abi_minor;
    const char* id;      ///< as in plugin.json; these two are terminated and live forever
    const char* version; ///< as in plugin.json

    /// Makes an instance for one target of the estate. `settings` is one JSON object, not a line:
    /// what is declared for the target, already valid against the schema in plugin.json, without
    /// secrets. Opens no connection: looks at the settings and no further. `host` outlives the
    /// instance. Gives MUSTER_OK and sets *instance, which is then the plugin's to free in destroy;
    /// or MUSTER_CONFIG and leaves *instance alone.
    int32_t (*create)(const struct muster_host* host, struct muster_text settings,
                      const struct muster_sink* out, void** instance);

    /// Frees the instance. No call is under way and none follows.
    void (*destroy)(void* instance);

    /// Proves settings, credentials and reachability of the target and of some scopes; changes
    /// nothing there.
    ///   request, one line a scope, or empty: {"scope":{"account":42}}
    ///   out: {"finding":{"code":"account-missing", "severity":"error", "message":"..."}}
    ///     code      stable, lower case with dashes
    ///     severity  info, warning or error
    /// What is wrong with the target is an error finding and MUSTER_OK; another status says that
    /// the check itself could not be finished.
    int32_t (*check)(void* instance, struct muster_text request, const struct muster_sink* out);

    /// Says what a scope holds now: all records of some kinds, all links into some records.
    ///   request, one line: {"read":{"scope":{"account":42}, "kinds":["contact","contact-group"],
    ///                       "linksInto":[{"kind":"contact-group","remoteId":"g7"}],
    ///                       "find"?:[{"kind":"account","key":"it-support-team"}],
    ///                       "within"?:[{"kind":"account","remoteId":"43"}]}}
    ///     find     since 1.1: records that only people make are looked for by their keys. Of each
    ///              key all that there are, inactive ones too, in an order that stays the same; the
    ///              first that is active counts. What is found in passing may be said too.
    ///     within   since 1.1: the records of `kinds` are asked for that are parts of these records,
    ///              whatever the scope
    ///   out: {"record":{"kind":"contact", "key":"ann@contoso.com", "remoteId":"7",
    ///                   "name"?:"Ann Bo", "active"?:true, "fields"?:{"email":"ann@contoso.com"},
    ///                   "within"?:{"kind":"account","remoteId":"43"}, "tags"?:["vip"],
    ///                   "aliases"?:["ann@contoso.com","ann bo"]}}
    ///        {"link":{"from":{"kind":"contact","remoteId":"7"},
    ///                 "to":{"kind":"contact-group","remoteId":"g7"}, "role"?:"manager"}}
    ///     key    by which modes and targets name one thing alike: of a contact its address in
    ///            lower case, of a contact-group its name, of a service-group its name without case,
    ///            all without white space around; of an account its tag; of a group-document the
    ///            Entra object id of its group; of what is only looked at (aliases) its remoteId.
    ///            Left out since 1.3 where people took it away: what is known by its remoteId is
    ///            that record still, and what is not is nobody's
    ///     fields what a claim could say of it; blank ones are left out. Since 1.3, of a value that
    ///            the target holds in a form that does not give it back (a list that is too long
    ///            for it, say): {"digest":"..."}, digest() of Digest.h of the claimed value
    ///     within since 1.1: of which of the records that were asked for it is a part
    ///     tags   since 1.1: what people marked it with; who administers Muster may protect by tag
    ///     aliases since 1.3: of a record that only people make, what modes may look for it by, in
    ///            lower case: of a contact all its addresses and its first and last name, of a
    ///            configuration its name and its host name, whole and up to the first dot
    /// Links of a kind that plugin.json calls "exclusive" (a record has one of them at most) are
    /// said with the records they come from, and not asked for by linksInto; since 1.2 "to" may have
    /// the "key" of a record that nobody asked for, by which people know it.
    /// Since 1.3 plugin.json may say the same of links that are not exclusive: "said":"with-source".
    /// Say MUSTER_OK only when it is all. What was left out counts as gone: when in doubt,
    /// MUSTER_RETRY.
    int32_t (*read)(void* instance, struct muster_text request, const struct muster_sink* out);

    /// Makes changes, at most limits.batch of plugin.json, and says one outcome for each, as soon
    /// as it is known, in any order. The changes of a batch do not depend on each other. One
    /// change's failure is its outcome; a status other than MUSTER_OK is for what hit them all:
    /// after MUSTER_CONFIG, like a key that is refused in the middle, no more changes come.
    ///   changes, a first line: {"scope":{"account":42}}
    ///   then a line each:
    ///     {"change":{"id":1, "action":"create", "kind":"contact", "key":"ann@contoso.com",
    ///                "name":"Ann Bo", "fields":{...}, "within"?:{...}, "doubt"?:true}}
    ///     {"change":{"id":2, "action":"update", "kind":"contact", "key":"ann@contoso.com",
    ///                "name":"Ann Bo", "remoteId":"7", "fields":{...}}}   also activate and retire
    ///     {"change":{"id":3, "action":"link", "role":"manager",               also unlink
    ///                "from":{"kind":"contact", "key":"ann@contoso.com", "remoteId":"7"},
    ///                "to":{"kind":"contact-group", "key":"Finance", "remoteId":"g7"}}}
    ///     fields   create: what it should say. update: what should differ from now; null empties.
    ///     within   since 1.1: {"kind":"account", "key":"it-support-team", "remoteId":"43"}, when the
    ///              record is a part of this one, whatever the scope
    ///     doubt    an earlier try may have taken effect: look before doing it again. After a crash
    ///              a batch comes again so marked, and must then lead to the same state.
    ///     activate makes a retired record live again; retire takes it out of use, reversibly.
    ///     link     also changes the role of a link that exists; unlink has no role. An exclusive
    ///              link takes the place of the one that the record has.
    ///   out: {"outcome":{"id":1, "state":"applied", "record"?:{...}, "adopted"?:true,
    ///                    "message"?:"..."}}
    ///     state    applied    it is done; a create says `record`, the others may
    ///              unchanged  there was nothing to do
    ///              rejected   the target refuses it for good; `message` says why and what to do;
    ///                         "limit":true when nothing is wrong with the change but one of the
    ///                         target's limits is reached: a finding, and no failure of the run;
    ///                         since 1.3 "gone":true when what it is about is no longer there:
    ///                         the host reads the scope again
    ///              retry      not now; `message` says why, "retryAfter"? in milliseconds, and
    ///                         "unknown":true when it may have taken effect; with both, and more
    ///                         than a minute, it comes again in a later run only
    ///     record   as in read, as it is after the change
    ///     adopted  the create found it there already and left it as it was
    /// A change without an outcome counts as retry with unknown.
    int32_t (*apply)(void* instance, struct muster_text changes, const struct muster_sink* out);

    /// More that the plugin can do, by name and revision (MUSTER_REQUESTS), or NULL. Called with
    /// no instance; the answer lives forever. May itself be NULL.
    const void* (*get_extension)(const char* id);
};

/// Syncs that people ask for through tickets of the target, since 1.2. The plugin finds tickets and
/// changes them; what they ask for and what becomes of it is the host's to decide. The settings of
/// the target say under "requests" where the tickets are; left out: there are none, and only places
/// and unsubscribe are called. The host reads there too, all of it optional: "poll" (a time span
/// like "30s"), "approvalRequired", "accountField" and "modeField" (identifiers of the form's
/// fields), "publicUrl" and "eventId".
///
/// Status names: granted, declined, in-progress, closed; empty is any other.
#define MUSTER_REQUESTS "muster.requests/1"

struct muster_requests
{
    /// Says all open tickets that may be requests, as cheaply as it can.
    ///   out: {"ticket":{"id":"7", "status"?:"granted"}}
    int32_t (*tickets)(void* instance, const struct muster_sink* out);

    /// Says one ticket with all results of its form, the latest last; nothing when it is not there
    /// or not where requests are.
    ///   request: {"ticket":{"id":"7"}}
    ///   out: {"ticket":{"id":"7", "status"?:"granted", "isClosed"?:true, "summary"?:"...",
    ///                   "contact"?:"Ann Bo", "notes"?:["..."],
    ///                   "forms":[{"fields":[{"identifier":"sync_mode", "name":"Sync mode",
    ///                             "value"?:"...", "choices"?:[{"identifier":"2", "name":"...",
    ///                                                         "selected"?:true}]}]}]}}
    ///     notes  those there are; left out where the target does not show them
    int32_t (*ticket)(void* instance, struct muster_text request, const struct muster_sink* out);

    /// Says the scopes that a sync of this target may have.
    ///   out: {"place":{"scope":{"account":42}, "id":"42", "name":"Contoso Ltd"}}
    int32_t (*places)(void* instance, const struct muster_sink* out);

    /// Gives a ticket one of the statuses in-progress and closed. It comes again after a crash.
    ///   request: {"status":{"ticket":"7", "name":"in-progress"}}
    int32_t (*set_status)(void* instance, struct muster_text request,
                          const struct muster_sink* out);

    /// Writes a note, Markdown, that only those who work on the ticket see. With any status but
    /// MUSTER_OK it may have been written: the host looks at the ticket's notes before it tries
    /// again.
    ///   request: {"note":{"ticket":"7", "text":"..."}}
    int32_t (*write_note)(void* instance, struct muster_text request,
                          const struct muster_sink* out);

    /// Asks the target to send a POST to an address whenever there is a new ticket.
    ///   request: {"door":{"url":"https://..."}}
    ///   out: {"subscription":{"id":"a7"}}
    int32_t (*subscribe)(void* instance, struct muster_text request, const struct muster_sink* out);

    /// Ends that; one that is not there is ended.
    ///   request: {"subscription":{"id":"a7"}}
    int32_t (*unsubscribe)(void* instance, struct muster_text request,
                           const struct muster_sink* out);
};

/// The one symbol that a plugin exports.
extern MUSTER_EXPORT const struct muster_plugin muster_plugin;

#ifdef __cplusplus
}
#endif

#endif
