/* A plugin as it was written for target.h 1.3, with that header beside it: hosts of later versions are
   tried with it. Neither file is ever changed. Texts are kept as they stand in the lines, quotes and
   all, since one host writes one text one way. */
#include <muster/target.h>

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* JSON: parts of a text that is known to be valid. */

struct Span
{
    const char* at; /* NULL: there is none */
    size_t size;
};

static const struct Span kNone = {NULL, 0};

static struct Span span(const char* text)
{
    struct Span result;
    result.at = text;
    result.size = strlen(text);
    return result;
}

static int isSame(struct Span one, struct Span other)
{
    return one.size == other.size && one.size > 0 && memcmp(one.at, other.at, one.size) == 0;
}

static const char* skipSpace(const char* at, const char* end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == ','))
        ++at;
    return at;
}

static const char* endOfText(const char* at, const char* end)
{
    for (++at; at < end && *at != '"'; ++at)
        if (*at == '\\')
            ++at;
    return at < end ? at + 1 : end;
}

static const char* endOfValue(const char* at, const char* end)
{
    int depth = 0;
    while (at < end)
    {
        if (*at == '"')
            at = endOfText(at, end);
        else
        {
            if (depth == 0 && (*at == ',' || *at == '}' || *at == ']'))
                return at;
            if (*at == '{' || *at == '[')
                ++depth;
            if (*at == '}' || *at == ']')
                --depth;
            ++at;
        }
        if (depth == 0 && (at[-1] == '"' || at[-1] == '}' || at[-1] == ']'))
            return at;
    }
    return at;
}

static struct Span inside(struct Span structured)
{
    if (structured.size < 2)
        return kNone;
    ++structured.at;
    structured.size -= 2;
    return structured;
}

/* Takes the next value off a list's inside; 0 when there is none. */
static int nextItem(struct Span* rest, struct Span* item)
{
    const char* const end = rest->at + rest->size;
    const char* const from = rest->at ? skipSpace(rest->at, end) : end;
    if (from == end)
        return 0;
    item->at = from;
    item->size = (size_t)(endOfValue(from, end) - from);
    rest->at = from + item->size;
    rest->size = (size_t)(end - rest->at);
    return item->size > 0;
}

/* Takes the next member off an object's inside; `name` is without quotes. */
static int nextMember(struct Span* rest, struct Span* name, struct Span* value)
{
    const char* end;
    if (!nextItem(rest, name))
        return 0;
    end = rest->at + rest->size;
    while (rest->at < end && *rest->at != ':')
        ++rest->at;
    if (rest->at == end)
        return 0;
    ++rest->at;
    rest->size = (size_t)(end - rest->at);
    *name = inside(*name);
    return nextItem(rest, value);
}

static struct Span member(struct Span object, const char* wanted)
{
    struct Span rest = inside(object);
    struct Span name;
    struct Span value;
    while (nextMember(&rest, &name, &value))
        if (isSame(name, span(wanted)))
            return value;
    return kNone;
}

/* The next line of a text: what it is, and its inner object. */
static int nextLine(struct Span* rest, struct Span* what, struct Span* inner)
{
    const char* const end = rest->at + rest->size;
    const char* at = rest->at;
    struct Span line;
    if (rest->size == 0)
        return 0;
    while (at < end && *at != '\n')
        ++at;
    line.at = rest->at;
    line.size = (size_t)(at - rest->at);
    rest->at = at < end ? at + 1 : end;
    rest->size = (size_t)(end - rest->at);
    line = inside(line);
    return nextMember(&line, what, inner);
}

/* Memory of our own. Without any left the process ends, and the host starts it again. */

static void* allocate(void* old, size_t size)
{
    void* const result = realloc(old, size);
    if (!result)
        abort();
    return result;
}

static struct Span copyOf(struct Span text)
{
    char* const copy = allocate(NULL, text.size + 1);
    if (text.size > 0)
        memcpy(copy, text.at, text.size);
    text.at = copy;
    return text;
}

static void release(struct Span text)
{
    free((void*)text.at);
}

struct Buffer
{
    char* data;
    size_t size;
    size_t capacity;
};

static void add(struct Buffer* buffer, struct Span text)
{
    if (buffer->size + text.size > buffer->capacity)
    {
        buffer->capacity = 2 * (buffer->size + text.size) + 64;
        buffer->data = allocate(buffer->data, buffer->capacity);
    }
    if (text.size > 0)
        memcpy(buffer->data + buffer->size, text.at, text.size);
    buffer->size += text.size;
}

static void addText(struct Buffer* buffer, const char* text)
{
    add(buffer, span(text));
}

/* `"name":value` behind what is there; nothing when there is no value. */
static void addMember(struct Buffer* buffer, const char* name, struct Span value)
{
    const char last = buffer->size > 0 ? buffer->data[buffer->size - 1] : '{';
    if (!value.at)
        return;
    if (last != '{')
        addText(buffer, ",");
    addText(buffer, "\"");
    addText(buffer, name);
    addText(buffer, "\":");
    add(buffer, value);
}

static void say(struct Buffer* buffer, const struct muster_sink* out)
{
    struct muster_text line;
    line.data = buffer->data;
    line.size = buffer->size;
    out->line(out->context, line);
    buffer->size = 0;
}

/* What is kept. */

struct Record
{
    struct Span room, kind, key, name, fields, remoteId;
    int isActive;
};

struct Link
{
    struct Span room, from, to, role;
};

struct Memory
{
    const struct muster_host* host;
    struct Record* records;
    size_t recordCount;
    struct Link* links;
    size_t linkCount;
    size_t most;
    struct Buffer line;
};

static struct Record* findRecord(struct Memory* memory, struct Span room, struct Span remoteId)
{
    size_t i;
    for (i = 0; i < memory->recordCount; ++i)
        if (isSame(memory->records[i].room, room) && isSame(memory->records[i].remoteId, remoteId))
            return &memory->records[i];
    return NULL;
}

static void addRecord(struct Buffer* buffer, const struct Record* record)
{
    addText(buffer, "{");
    addMember(buffer, "kind", record->kind);
    addMember(buffer, "key", record->key);
    addMember(buffer, "name", record->name);
    addMember(buffer, "remoteId", record->remoteId);
    addMember(buffer, "active", span(record->isActive ? "true" : "false"));
    addMember(buffer, "fields", record->fields);
    addText(buffer, "}");
}

static void sayOutcome(struct Memory* memory, struct Span id, const char* state,
                       const struct Record* record, const char* message,
                       const struct muster_sink* out)
{
    struct Buffer* const line = &memory->line;
    addText(line, "{\"outcome\":{");
    addMember(line, "id", id);
    addMember(line, "state", span(state));
    if (message)
        addMember(line, "message", span(message));
    if (record)
    {
        addText(line, ",\"record\":");
        addRecord(line, record);
    }
    addText(line, "}}");
    say(line, out);
}

static const char kApplied[] = "\"applied\"";
static const char kUnchanged[] = "\"unchanged\"";
static const char kRejected[] = "\"rejected\"";

static void createRecord(struct Memory* memory, struct Span room, struct Span change,
                         const struct muster_sink* out)
{
    const struct Span id = member(change, "id");
    const struct Span kind = member(change, "kind");
    const struct Span key = member(change, "key");
    const struct Span fields = member(change, "fields");
    struct Record* record;
    char remoteId[32];
    size_t i;
    for (i = 0; i < memory->recordCount; ++i)
    {
        record = &memory->records[i];
        if (isSame(record->room, room) && isSame(record->kind, kind) && isSame(record->key, key))
        {
            sayOutcome(memory, id, kApplied, record, NULL, out);
            return;
        }
    }
    if (memory->recordCount >= memory->most)
    {
        sayOutcome(memory, id, kRejected, NULL, "\"it is full: raise the setting size\"", out);
        return;
    }
    memory->records =
        allocate(memory->records, (memory->recordCount + 1) * sizeof *memory->records);
    record = &memory->records[memory->recordCount++];
    snprintf(remoteId, sizeof remoteId, "\"%lu\"", (unsigned long)memory->recordCount);
    record->room = copyOf(room);
    record->kind = copyOf(kind);
    record->key = copyOf(key);
    record->name = copyOf(member(change, "name"));
    record->fields = copyOf(fields.at ? fields : span("{}"));
    record->remoteId = copyOf(span(remoteId));
    record->isActive = 1;
    sayOutcome(memory, id, kApplied, record, NULL, out);
}

/* The members of `old` that `news` does not name, and those of `news` that are not null. */
static struct Span merged(struct Span old, struct Span news)
{
    struct Buffer buffer = {NULL, 0, 0};
    struct Span rest = inside(old);
    struct Span name;
    struct Span value;
    struct Span result;
    int isNew;
    addText(&buffer, "{");
    for (isNew = 0; isNew < 2; ++isNew, rest = inside(news))
        while (nextMember(&rest, &name, &value))
        {
            struct Span newer = inside(news);
            struct Span other;
            int isNamed = 0;
            while (!isNew && nextMember(&newer, &other, &result))
                isNamed = isNamed || isSame(name, other);
            if (isNamed || (isNew && isSame(value, span("null"))))
                continue;
            addText(&buffer, buffer.size > 1 ? ",\"" : "\"");
            add(&buffer, name);
            addText(&buffer, "\":");
            add(&buffer, value);
        }
    addText(&buffer, "}");
    result.at = buffer.data;
    result.size = buffer.size;
    return result;
}

static void changeRecord(struct Memory* memory, struct Span room, struct Span change,
                         const struct muster_sink* out)
{
    const struct Span id = member(change, "id");
    const struct Span action = member(change, "action");
    struct Record* const record = findRecord(memory, room, member(change, "remoteId"));
    struct Span fields;
    if (!record || !isSame(record->kind, span("\"person\"")) ||
        !isSame(member(change, "kind"), record->kind))
    {
        sayOutcome(memory, id, kRejected, NULL, "\"there is no such person\"", out);
        return;
    }
    if (isSame(action, span("\"update\"")))
    {
        fields = record->fields;
        record->fields = merged(fields, member(change, "fields"));
        release(fields);
    }
    else
        record->isActive = isSame(action, span("\"activate\""));
    sayOutcome(memory, id, kApplied, record, NULL, out);
}

static void changeLink(struct Memory* memory, struct Span room, struct Span change, int isThere,
                       const struct muster_sink* out)
{
    const struct Span id = member(change, "id");
    const struct Span from = member(member(change, "from"), "remoteId");
    const struct Span to = member(member(change, "to"), "remoteId");
    struct Link* link = NULL;
    size_t i;
    for (i = 0; i < memory->linkCount && !link; ++i)
        if (isSame(memory->links[i].from, from) && isSame(memory->links[i].to, to) &&
            isSame(memory->links[i].room, room))
            link = &memory->links[i];
    if (isThere && (!findRecord(memory, room, from) || !findRecord(memory, room, to)))
    {
        sayOutcome(memory, id, kRejected, NULL, "\"one end of the link is not there\"", out);
        return;
    }
    if (!isThere && !link)
    {
        sayOutcome(memory, id, kUnchanged, NULL, NULL, out);
        return;
    }
    if (isThere && !link)
    {
        memory->links = allocate(memory->links, (memory->linkCount + 1) * sizeof *memory->links);
        link = &memory->links[memory->linkCount++];
        link->room = copyOf(room);
        link->from = copyOf(from);
        link->to = copyOf(to);
        link->role = copyOf(member(change, "role"));
    }
    else if (isThere)
    {
        release(link->role);
        link->role = copyOf(member(change, "role"));
    }
    else
    {
        release(link->room);
        release(link->from);
        release(link->to);
        release(link->role);
        *link = memory->links[--memory->linkCount];
    }
    sayOutcome(memory, id, kApplied, NULL, NULL, out);
}

/* The plugin. */

static int32_t create(const struct muster_host* host, struct muster_text settings,
                      const struct muster_sink* out, void** instance)
{
    struct Span object;
    struct Span size;
    struct Memory* memory;
    struct Buffer line = {NULL, 0, 0};
    long most = 1000;
    object.at = settings.data;
    object.size = (size_t)settings.size;
    size = member(object, "size");
    if (size.at)
        most = strtol(size.at, NULL, 10);
    if (most < 1)
    {
        addText(&line, "{\"error\":{\"message\":\"it must be at least 1\",\"setting\":\"size\"}}");
        say(&line, out);
        free(line.data);
        return MUSTER_CONFIG;
    }
    memory = allocate(NULL, sizeof *memory);
    memset(memory, 0, sizeof *memory);
    memory->host = host;
    memory->most = (size_t)most;
    *instance = memory;
    return MUSTER_OK;
}

static void destroy(void* instance)
{
    struct Memory* const memory = instance;
    size_t i;
    for (i = 0; i < memory->recordCount; ++i)
    {
        release(memory->records[i].room);
        release(memory->records[i].kind);
        release(memory->records[i].key);
        release(memory->records[i].name);
        release(memory->records[i].fields);
        release(memory->records[i].remoteId);
    }
    for (i = 0; i < memory->linkCount; ++i)
    {
        release(memory->links[i].room);
        release(memory->links[i].from);
        release(memory->links[i].to);
        release(memory->links[i].role);
    }
    free(memory->records);
    free(memory->links);
    free(memory->line.data);
    free(memory);
}

static int32_t check(void* instance, struct muster_text request, const struct muster_sink* out)
{
    struct Memory* const memory = instance;
    struct Span rest;
    struct Span what;
    struct Span scope;
    rest.at = request.data;
    rest.size = (size_t)request.size;
    while (nextLine(&rest, &what, &scope))
    {
        addText(&memory->line, "{\"finding\":{\"code\":\"room-ready\",\"severity\":\"info\","
                               "\"message\":\"the room is ready\"}}");
        say(&memory->line, out);
    }
    return MUSTER_OK;
}

static int32_t readAll(void* instance, struct muster_text request, const struct muster_sink* out)
{
    struct Memory* const memory = instance;
    struct Span rest, what, asked, room, kinds, into, item;
    size_t i;
    rest.at = request.data;
    rest.size = (size_t)request.size;
    if (!nextLine(&rest, &what, &asked))
        return MUSTER_REJECTED;
    room = member(member(asked, "scope"), "room");
    kinds = inside(member(asked, "kinds"));
    while (nextItem(&kinds, &item))
        for (i = 0; i < memory->recordCount; ++i)
            if (isSame(memory->records[i].kind, item) && isSame(memory->records[i].room, room))
            {
                addText(&memory->line, "{\"record\":");
                addRecord(&memory->line, &memory->records[i]);
                addText(&memory->line, "}");
                say(&memory->line, out);
            }
    into = inside(member(asked, "linksInto"));
    while (nextItem(&into, &item))
        for (i = 0; i < memory->linkCount; ++i)
            if (isSame(memory->links[i].to, member(item, "remoteId")) &&
                isSame(memory->links[i].room, room))
            {
                addText(&memory->line, "{\"link\":{\"from\":{\"kind\":\"person\"");
                addMember(&memory->line, "remoteId", memory->links[i].from);
                addText(&memory->line, "},\"to\":{\"kind\":\"team\"");
                addMember(&memory->line, "remoteId", memory->links[i].to);
                addText(&memory->line, "}");
                addMember(&memory->line, "role", memory->links[i].role);
                addText(&memory->line, "}}");
                say(&memory->line, out);
            }
    return MUSTER_OK;
}

static int32_t apply(void* instance, struct muster_text changes, const struct muster_sink* out)
{
    struct Memory* const memory = instance;
    struct Span room = kNone;
    struct Span rest, what, inner;
    rest.at = changes.data;
    rest.size = (size_t)changes.size;
    while (nextLine(&rest, &what, &inner))
    {
        const struct Span action = member(inner, "action");
        const struct Span kind = member(inner, "kind");
        if (isSame(what, span("scope")))
            room = member(inner, "room");
        else if (memory->host->is_cancelled(memory->host->context))
            sayOutcome(memory, member(inner, "id"), "\"retry\"", NULL, "\"cancelled\"", out);
        else if (isSame(action, span("\"link\"")) || isSame(action, span("\"unlink\"")))
            changeLink(memory, room, inner, isSame(action, span("\"link\"")), out);
        else if (isSame(action, span("\"create\"")) &&
                 (isSame(kind, span("\"person\"")) || isSame(kind, span("\"team\""))))
            createRecord(memory, room, inner, out);
        else
            changeRecord(memory, room, inner, out);
    }
    return MUSTER_OK;
}

const struct muster_plugin muster_plugin = {
    MUSTER_ABI_MAJOR, MUSTER_ABI_MINOR, "memory", "1.0.0", create, destroy, check, readAll, apply,
    NULL};
