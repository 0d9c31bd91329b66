#pragma once

#include "Faults.h"
#include "Http.h"
#include "RequestLog.h"

#include <memory>
#include <vector>

namespace muster::sandbox {

/// How an answer goes over the wire.
struct Delivery
{
    enum class Kind
    {
        Whole,
        Cut,
        CutChunked,
        Dribble,
        Drop
    };

    Kind kind = Kind::Whole;
    long bytes = -1;            ///< of the body, before it is cut; below zero: half of it
    long delayMilliseconds = 0; ///< before the answer; for Dribble between its pieces
};

/// Finds the service for a request, counts it, and makes the answer go wrong where a fault says so.
/// Thread-safe once the services are added.
class Dispatcher
{
public:
    struct Answer
    {
        Response response{};
        Delivery delivery{};
        /// Counts the request as running for as long as its answer is being delivered.
        std::unique_ptr<RequestLog::Running> running{};
        /// Called when the answer is out; may be empty.
        std::function<void()> afterwards{};
    };

    Dispatcher(RequestLog& log, Faults& faults) : _log(log), _faults(faults) {}

    void add(Service& service) { _services.push_back(&service); }

    Answer answer(Request& request);
    /// Answers a request inside a $batch: only what is wrong with the text of an answer applies.
    Response answerItem(Request& request);

private:
    Service* serviceFor(const std::string& path) const;
    Answer run(Service& service, const Route& route, Request& request, const Fault& fault) const;

    RequestLog& _log;
    Faults& _faults;
    std::vector<Service*> _services;
};

} // namespace muster::sandbox
