// SPDX-License-Identifier: Apache-2.0
#include "http/door.h"

#include "base/text.h"
#include "http/shown.h"
#include "http/target.h"

namespace nav::http {
namespace {

constexpr std::size_t most_codes = 10'000;

Error no_such_job(JobId job) {
  return {ErrorKind::NotFound, fmt::format("there is no job {} whose port you may use", to_text(job)), "members of its project may, and administrators", {}};
}

bool same_bytes(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < one.size(); ++i) difference |= static_cast<unsigned char>(one[i]) ^ static_cast<unsigned char>(other[i]);
  return difference == 0;
}

bool changes_something(DoorRequest const& request) {
  return (request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS") || has_token(request.fields, "connection", "upgrade");
}

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '&') out += "&amp;";
    else if (c == '"') out += "&quot;";
    else out += c;
  }
  return out;
}

}  // namespace

struct Door::Visits {
  std::mutex mutex;
  std::size_t all = 0;
  std::map<UserId, std::size_t> of;
};

bool may_enter(Access const& access, Caller const& caller, ProjectId project) {
  if (caller.kind == Caller::Kind::Job) return caller.sees(project) && includes(caller.role, Role::Member);
  if (caller.kind != Caller::Kind::User) return false;
  return includes(caller.role, Role::Admin) || (includes(caller.role, Role::Member) && access.is_member(project, caller.user));
}

namespace {

bool is_workspace(Snapshot const& snapshot, JobId job) {
  auto const service = snapshot.pool.services->find(job);
  return service != snapshot.pool.services->end() && service->second.kind == ServiceKind::Workspace;
}

}  // namespace

bool may_enter(Snapshot const& snapshot, Caller const& caller, Job const& job) {
  if (!may_enter(*snapshot.access, caller, job.project)) return false;
  if (!is_workspace(snapshot, job.id)) return true;
  return caller.kind == Caller::Kind::User && (caller.user == job.user || includes(caller.role, Role::Admin));
}

Door::Door(Front& front, Views const& views, Tunnels& tunnels, DoorOptions options)
    : front_(front), views_(views), tunnels_(tunnels), options_(std::move(options)), visits_(std::make_shared<Visits>()), workers_(1, 256) {}

void Door::opened(std::string scheme, std::uint16_t port, std::string name, std::vector<std::string> names) {
  std::lock_guard lock(mutex_);
  where_ = {.scheme = std::move(scheme), .port = port, .name = std::move(name), .names = std::move(names)};
}

Door::Where Door::where() const {
  std::lock_guard lock(mutex_);
  return where_;
}

std::string Door::host_for(Where const& where, JobId job) const {
  return where.name.starts_with("*.") ? fmt::format("job-{}{}", to_text(job), where.name.substr(1)) : where.name;
}

std::string Door::address() const {
  Where const here = where();
  return fmt::format("{}://{}:{}", here.scheme, here.name.starts_with("*.") ? here.name.substr(2) : here.name, here.port);
}

Result<Door::Link> Door::make_link(Snapshot const& snapshot, Caller const& caller, JobId id) {
  Job const* job = snapshot.pool.job(id);
  if (job == nullptr) return fail(ErrorKind::Conflict, "job {} is over: nothing listens on its port any more", to_text(id));
  if (is_workspace(snapshot, id) && may_enter(*snapshot.access, caller, job->project) && !may_enter(snapshot, caller, *job))
    return fail(ErrorKind::Forbidden, "only its owner and administrators come into workspace {}", to_text(id));
  if (!may_enter(snapshot, caller, *job))
    return Unexpected(Error{ErrorKind::Forbidden,
                            fmt::format("only members of its project and administrators use the port of job {}", to_text(id)),
                            "ask an admin to add you: nav project change NAME --add YOU",
                            {}});
  Where const here = where();
  if (here.port == 0) return fail(ErrorKind::Unavailable, "this controller has no door");
  Time const now = options_.clock();
  std::string const code = options_.make_token();
  {
    std::lock_guard lock(mutex_);
    std::erase_if(codes_, [&](auto const& one) { return one.second.expires <= now; });
    if (codes_.size() >= most_codes) return fail(ErrorKind::TooMany, "{} links to the door wait to be used", codes_.size());
    codes_[options_.tokens.hash(code)] = {.job = id, .token = caller.token, .expires = now + options_.code_life};
  }
  return Link{.url = fmt::format("{}://{}:{}/jobs/{}/?door={}", here.scheme, host_for(here, id), here.port, to_text(id), code),
              .expires = now + options_.code_life};
}

std::string Door::cookie_name(Snapshot const& snapshot, JobId job) const {
  return fmt::format("{}door_{}_{}", own_cookies, snapshot.installation.substr(0, 8), to_text(job));
}

std::string Door::cookie_for(JobId job, TokenId token, Time expires) const {
  std::string const said = fmt::format("{}.{}.{}", job.value, token.value, expires.us);
  return fmt::format("{}.{}", said, options_.sign("door " + said));
}

std::optional<TokenId> Door::token_in(std::string_view cookie, JobId job) const {
  auto const parts = split(cookie, '.');
  std::uint64_t of = 0, token = 0, expires = 0;
  if (parts.size() != 4 || !read_number(parts[0], of) || !read_number(parts[1], token) || !read_number(parts[2], expires)) return std::nullopt;
  std::string const genuine = cookie_for(JobId{of}, TokenId{token}, Time{static_cast<std::int64_t>(expires)});
  if (!same_bytes(genuine, cookie) || of != job.value || options_.clock().us >= static_cast<std::int64_t>(expires)) return std::nullopt;
  return TokenId{token};
}

/// A page elsewhere may point a name of its own at this machine (DNS rebinding); and the host of one job shows no other.
std::optional<Response> Door::check_host(DoorRequest const& request, JobId job) const {
  Where const here = where();
  auto const* header = field_of(request.fields, "host");
  std::string host(header == nullptr ? std::string_view() : host_of(*header));
  for (char& c : host)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  bool const is_jobs_own = host == host_for(here, job);
  bool const is_ours = is_own_host(host, here.names) || (!here.name.starts_with("*.") && host == here.name);
  bool const is_another_jobs = host.starts_with("job-") && !is_jobs_own;
  if (is_jobs_own || (is_ours && !is_another_jobs)) return std::nullopt;
  return told(
      request, 421,
      {ErrorKind::Forbidden, header == nullptr ? "the header Host is missing" : fmt::format("this door does not answer for the host {}", shortened(host, 80)),
       fmt::format("the port of job {} is at {}://{}:{}/jobs/{}/", to_text(job), here.scheme, host_for(here, job), here.port, to_text(job)), "Host"});
}

/// The user of a token that is known by its number alone, as a caller.
Result<Caller> Door::holder_of(Snapshot const& snapshot, TokenId id) const {
  Access const& access = *snapshot.access;
  auto const token = access.tokens.find(id);
  if (token == access.tokens.end() || token->second.kind != TokenKind::User || access.token_for(token->second.hash, options_.clock()) == nullptr)
    return fail(ErrorKind::Unauthenticated, "the token by which this link was made is revoked or expired");
  return Caller{.kind = Caller::Kind::User, .user = token->second.user, .role = access.users.at(token->second.user).role, .token = id};
}

Result<Door::Known> Door::who(Snapshot const& snapshot, DoorRequest const& request, JobId job, std::string const& address) const {
  if (auto const token = own_token_of(request.fields)) {
    Request bearer;
    bearer.headers["authorization"] = "Bearer " + *token;
    bearer.peer_address = address;
    TRY(auto caller, caller_of(bearer, snapshot, front_, options_.tokens, options_.clock()));
    if (caller.kind != Caller::Kind::User && caller.kind != Caller::Kind::Job)
      return fail(ErrorKind::Unauthenticated, "this token opens no door: a user's does, or a job's own");
    return Known{.caller = std::move(caller)};
  }
  auto const cookie = cookie_of(request.fields, cookie_name(snapshot, job));
  auto const token = cookie ? token_in(*cookie, job) : std::nullopt;
  if (!token) {
    std::string const why = cookie ? "your visit here is over: it was long ago that you came in" : "the door asks who you are";
    return Unexpected(Error{ErrorKind::Unauthenticated, why, {}, {}});
  }
  TRY(auto caller, holder_of(snapshot, *token));
  auto const* origin = field_of(request.fields, "origin");
  auto const* host = field_of(request.fields, "host");
  // Browsers bring the cookie whoever asks; where it matters they say who does.
  if (changes_something(request) && (origin == nullptr || host == nullptr || *origin != fmt::format("{}://{}", where().scheme, *host)))
    return Unexpected(
        Error{ErrorKind::Forbidden, "this did not come from a page of this door", "a program gives its token: `Authorization: Bearer nav_...`", "Origin"});
  return Known{.caller = std::move(caller), .by_cookie = true};
}

/// Takes a link: the browser gets its cookie and goes on without the code.
Response Door::redeem(Snapshot const& snapshot, DoorRequest const& request, DoorTarget const& target, bool encrypted) {
  Time const now = options_.clock();
  std::optional<Code> taken;
  if (request.method == "GET") {
    std::lock_guard lock(mutex_);
    auto const found = codes_.find(options_.tokens.hash(*target.code));
    if (found != codes_.end()) {
      if (found->second.job == target.job && found->second.expires > now) taken = found->second;
      codes_.erase(found);
    }
  }
  if (!taken)
    return told(
        request, 403,
        {ErrorKind::Forbidden, "this link was used before, or is older than a minute", fmt::format("make another: nav open {}", to_text(target.job)), "door"});
  // Lax and not Strict: the link may be followed from a page elsewhere, such as the API's, and the way on to the clean address would lose a Strict cookie.
  std::string const cookie = fmt::format("{}={}; Path=/jobs/{}/; HttpOnly; SameSite=Lax; Max-Age={}{}", cookie_name(snapshot, target.job),
                                         cookie_for(target.job, taken->token, now + options_.cookie_life), to_text(target.job),
                                         options_.cookie_life.us / 1'000'000, encrypted ? "; Secure" : "");
  return {.status = 303,
          .body = {},
          .content_type = {},
          .headers = {{"Location", target.without_code}, {"Set-Cookie", cookie}, {"Cache-Control", "no-store"}, {"Referrer-Policy", "no-referrer"}}};
}

std::shared_ptr<void> Door::place_for(UserId user) {
  std::lock_guard lock(visits_->mutex);
  auto& of_user = visits_->of[user];
  if (visits_->all >= options_.most_visits || of_user >= options_.most_visits_a_user) {
    if (of_user == 0) visits_->of.erase(user);
    return nullptr;
  }
  ++visits_->all;
  ++of_user;
  return std::shared_ptr<void>(this, [visits = visits_, user](void*) {
    std::lock_guard over(visits->mutex);
    --visits->all;
    if (auto const one = visits->of.find(user); --one->second == 0) visits->of.erase(one);
  });
}

void Door::decide(DoorRequest const& request, DoorTarget const& target, std::string const& address, bool encrypted, std::function<void(Decision)> then) {
  if (auto refused = check_host(request, target.job)) return then(std::move(*refused));
  auto const snapshot = front_.snapshot();
  if (target.code && target.code->starts_with("nav_")) return then(redeem(*snapshot, request, target, encrypted));
  auto const known = who(*snapshot, request, target.job, address);
  if (!known) {
    Error error = known.error();
    if (error.kind == ErrorKind::Unauthenticated)
      error.hint = fmt::format("in a browser use the link that `nav open {}` gives; a program gives its token: `Authorization: Bearer nav_...`",
                               to_text(target.job));
    return then(told(request, error.kind == ErrorKind::Forbidden ? 403 : 401, error));
  }
  Caller const& caller = known->caller;
  Job const* job = snapshot->pool.job(target.job);
  if (job == nullptr) {
    if (target.job.value >= snapshot->pool.next_job) return then(told(request, 404, no_such_job(target.job)));
    return tell_of_end(snapshot, request, target.job, caller, std::move(then));
  }
  if (!may_enter(*snapshot, caller, *job)) return then(told(request, 404, no_such_job(target.job)));
  if (target.rest.empty()) {
    auto const query = target.without_code.find('?');
    std::string const tail = query == std::string::npos ? "" : target.without_code.substr(query);
    return then(Response{.status = 308, .body = {}, .content_type = {}, .headers = {{"Location", fmt::format("/jobs/{}/{}", to_text(target.job), tail)}}});
  }
  if (job->state == JobState::Queued) return tell_of_waiting(snapshot, request, target.job, caller, std::move(then));
  if (!job->has_seat())
    return then(
        told(request, 410, {ErrorKind::NotFound, fmt::format("job {} has ended here, and waits for the others of its gang", to_text(target.job)), {}, {}}));
  auto place = place_for(caller.user);
  if (!place)
    return then(told(request, 503, {ErrorKind::TooMany, "so many visits go on through the door that no other fits", "try again when some have ended", {}}, 5));
  then(Entry{.attempt = job->attempt_id(),
             .node = job->seat.node,
             .user = caller.user,
             .user_name = user_name(*snapshot->access, caller.user),
             .token = caller.token,
             .as = caller.attempt,
             .by_cookie = known->by_cookie,
             .place = std::move(place)});
}

void Door::tell_of_waiting(std::shared_ptr<Snapshot const> snapshot, DoorRequest const& request, JobId job, Caller caller, std::function<void(Decision)> then) {
  // The question goes to the controller's thread, which must be kept short: shown by a worker.
  front_.why(job, [this, snapshot, request, job, caller, then](Result<Reason> reason) {
    auto const tell = [this, snapshot, request, job, caller, then, reason = std::move(reason)] {
      std::string const sentence = reason ? shown(*snapshot, job, *reason, caller).sentence : std::string("it gets its place just now");
      then(told(request, 503, {ErrorKind::Unavailable, fmt::format("job {} waits: {}", to_text(job), sentence), "this address works as soon as it runs", {}},
                5));
    };
    if (!workers_.post(tell)) then(told(request, 503, {ErrorKind::Unavailable, fmt::format("job {} waits", to_text(job)), {}, {}}, 5));
  });
}

void Door::tell_of_end(std::shared_ptr<Snapshot const> snapshot, DoorRequest const& request, JobId job, Caller caller, std::function<void(Decision)> then) {
  bool const asked = workers_.post([this, snapshot, request, job, caller, then] {
    views_.wait_for(snapshot->sequence(), seconds(2));
    auto const row = views_.job(job);
    Project const* project = row ? snapshot->access->project_named(row->project) : nullptr;
    if (project == nullptr || !may_enter(*snapshot->access, caller, project->id)) return then(told(request, 404, no_such_job(job)));
    std::string const why = row->message.empty() ? row->state : fmt::format("{}: {}", row->state, row->message);
    then(told(request, 410,
              {ErrorKind::NotFound, fmt::format("job {} is over ({})", to_text(job), why), fmt::format("what it wrote: nav logs {}", to_text(job)), {}}));
  });
  if (!asked) then(told(request, 503, {ErrorKind::TooMany, "too many ask the door at once", "try again in a moment", {}}, 2));
}

bool Door::may_stay(Entry const& entry) const {
  auto const snapshot = front_.snapshot();
  Job const* job = snapshot->pool.job(entry.attempt.job);
  if (job == nullptr || job->attempt != entry.attempt.number || !job->has_seat()) return false;
  if (entry.as) {
    Job const* visitor = snapshot->pool.job(entry.as.job);
    return visitor != nullptr && visitor->attempt == entry.as.number && visitor->has_seat();
  }
  auto const caller = holder_of(*snapshot, entry.token);
  return caller && may_enter(*snapshot, *caller, *job);
}

Response Door::no_way(Entry const& entry, DoorRequest const& request) const {
  auto const snapshot = front_.snapshot();
  Node const* node = snapshot->pool.node(entry.node);
  std::string const name = node == nullptr ? "its node" : node->name;
  std::string const job = to_text(entry.attempt.job);
  if (node == nullptr || node->state != NodeState::Ready)
    return told(request, 503,
                {ErrorKind::Unavailable,
                 fmt::format("job {} runs on {}, which cannot be reached at the moment", job, name),
                 "the page comes back when the node does",
                 {}},
                10);
  if (!tunnels_.has_come(entry.node))
    return told(request, 503,
                {ErrorKind::Unavailable,
                 fmt::format("job {} runs on {}, whose agent opens no way to its jobs' ports", job, name),
                 "an agent older than this controller does not know how: install the same version; and only jobs that declare a service have one",
                 {}},
                10);
  return told(request, 503,
              {ErrorKind::Unavailable, fmt::format("job {} runs on {}, whose agent has opened no way to it in time", job, name), "try again in a moment", {}},
              5);
}

Response Door::told(DoorRequest const& request, int status, Error const& error, std::optional<int> come_back_s) const {
  Response response = error_response(status, error);
  response.headers.emplace_back("Cache-Control", "no-store");
  if (come_back_s) {
    std::erase_if(response.headers, [](auto const& header) { return header.first == "Retry-After"; });
    response.headers.emplace_back("Retry-After", fmt::format("{}", *come_back_s));
  }
  auto const* accept = field_of(request.fields, "accept");
  if (accept == nullptr || accept->find("text/html") == accept->npos) return response;
  std::string const again = come_back_s && request.method == "GET" ? fmt::format("<meta http-equiv=\"refresh\" content=\"{}\">", *come_back_s) : "";
  response.content_type = "text/html; charset=utf-8";
  response.headers.emplace_back("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.body = fmt::format(
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">{}<meta name=\"viewport\" content=\"width=device-width\"><title>OpenNav</title>"
      "<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1rem;color-scheme:light "
      "dark}}p{{color:GrayText}}</style></head>"
      "<body><h1>{}</h1><p>{}</p></body></html>\n",
      again, escaped(error.message), escaped(error.hint));
  return response;
}

}  // namespace nav::http
