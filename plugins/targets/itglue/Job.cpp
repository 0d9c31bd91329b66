#include "Job.h"

#include <utility>

namespace itglue {

using muster::target::Answer;

std::vector<Json> resourcesIn(const Answer& answer)
{
    const auto body = answer.isSuccess() ? answer.json() : Json();
    const auto data = body.is_object() ? body.value("data", Json()) : Json();
    std::vector<Json> resources;
    if (data.is_object())
        resources.push_back(data);
    else if (data.is_array())
        for (const auto& resource : data)
            if (resource.is_object())
                resources.push_back(resource);
    return resources;
}

std::vector<std::vector<size_t>> parted(const std::vector<Job>& jobs, const Bulk& bulk)
{
    std::vector<std::vector<size_t>> parts;
    std::vector<size_t> part;
    size_t bytes = 0;
    const auto close = [&] {
        if (!part.empty())
            parts.push_back(std::exchange(part, {}));
        bytes = 0;
    };
    for (size_t i = 0; i < jobs.size(); ++i)
    {
        if (jobs[i].isAlone)
        {
            parts.push_back({i});
            continue;
        }
        const auto size = jobs[i].draft.traits.dump().size();
        if (part.size() >= bulk.documents || (bytes + size > bulk.bytes && !part.empty()))
            close();
        part.push_back(i);
        bytes += size;
    }
    close();
    return parts;
}

} // namespace itglue
