#pragma once

#include "Service.h"

#include <vector>

namespace scim {

/// Used for one apply. Rounds of requests, each sent at once: what must be known first, then the
/// writes, then what a refusal leaves open.
class Applier
{
public:
    Applier(const Service& service, muster::target::Output& output)
        : _service(service), _output(output)
    {}

    void apply(const std::vector<Change>& changes);

private:
    using Changes = std::vector<const Change*>;

    /// A request, and what it is for: several changes only when they are links of one group.
    struct Task
    {
        Changes changes;
        Request request;
    };

    void look(const std::vector<Task>& questions);
    void hear(const Task& question, const Answer& answer);
    void planLinks(const Changes& changes, const Json& group);
    void plan(const Change& change);
    void planUser(const Change& change, const Json& user);
    void write();
    void settle(const Task& task, const Answer& answer);
    void sayFailed(const Task& task, const Change& change, const Answer& answer);
    void adopt(const Changes& taken);
    void say(const Change& change, muster::target::State state, const std::string& message = {});
    void sayFound(const Change& change, const Json& resource, bool isOurs);

    static std::string describe(const Change& change);
    static Task membership(const Changes& changes);

    const Service& _service;
    muster::target::Output& _output;
    std::vector<Task> _tasks;
    Changes _taken;
    bool _isTokenRefused = false;
};

} // namespace scim
