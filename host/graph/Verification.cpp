#include "graph/Verification.h"

#include "runtime/Errors.h"

namespace muster::graph {

using directory::Role;

namespace {

constexpr size_t kMostPages = 10'000;

} // namespace

Verification::Verification(const RefreshContext& context, runtime::Instant settled)
    : _context(context), _settled(settled)
{}

void Verification::run(const std::vector<std::string>& groups)
{
    uint64_t done = 0;
    for (const auto& group : groups)
    {
        if (look(group, Role::Member) && look(group, Role::Owner))
            _context.mirror.markVerified(group);
        if (_isForbidden)
            return;
        _context.progress.report(_context.tenant.name + ": verifying groups", ++done,
                                 groups.size());
    }
}

bool Verification::look(const std::string& group, Role role)
{
    std::string url = _context.tenant.directory.graph + "/v1.0/groups/" + group +
                      (role == Role::Member ? "/members" : "/owners") + "?$select=id&$top=999";
    ObjectList whole;
    for (size_t pages = 0; !url.empty(); ++pages)
    {
        if (pages == kMostPages)
            throw RejectedError("Graph's pages of the members of the group " + group + " of " +
                                _context.tenant.name + " do not end");
        ObjectList page;
        const auto answer = _context.client.get(
            url, [&](std::string body) { page = _parser.readList(std::move(body)); },
            _context.cancellation);
        if (!answer.isSuccess())
        {
            _isForbidden = _isForbidden || answer.status == 403;
            if (answer.status == 403 || answer.status == 404)
                return false;
            throw RejectedError("Graph refused the members of the group " + group + " of " +
                                _context.tenant.name + " (" + std::to_string(answer.status) +
                                "): " + answer.error.text());
        }
        whole.objects.insert(whole.objects.end(), std::make_move_iterator(page.objects.begin()),
                             std::make_move_iterator(page.objects.end()));
        url = std::move(page.nextLink);
    }
    _context.mirror.replaceMembers(group, role, whole.objects, _settled);
    return true;
}

} // namespace muster::graph
