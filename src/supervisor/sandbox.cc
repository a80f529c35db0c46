// SPDX-License-Identifier: Apache-2.0
#include "supervisor/sandbox.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor/files.h"
#include "supervisor/termination.h"

namespace nav::supervisor {
namespace {

Checked<void> mounted(char const* source, std::string const& target, char const* type, unsigned long flags, char const* options = nullptr) {
  if (::mount(source, target.c_str(), type, flags, options) != 0) return Refused(errno_text("mount " + target));
  return {};
}

/// Shows what `fd` refers to at `target`, which is there already.
Checked<void> show_at(Fd const& fd, std::string const& target) {
  return mounted(("/proc/self/fd/" + std::to_string(fd.get())).c_str(), target, nullptr, MS_BIND);
}

Fd path_fd(std::string const& path) { return Fd(::open(path.c_str(), O_PATH | O_CLOEXEC)); }

Checked<void> make_parents(std::string const& path) {
  for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
    if (::mkdir(path.substr(0, slash).c_str(), 0755) != 0 && errno != EEXIST) return Refused(errno_text("make folder " + path.substr(0, slash)));
  return {};
}

Checked<void> make_file(std::string const& path) {
  Fd const fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return Refused(errno_text("create " + path));
  return {};
}

bool is_within(std::string const& path, std::string const& folder) { return path == folder || (path.starts_with(folder) && path[folder.size()] == '/'); }

/// The topmost folder on the way to `path` which the job's user could not enter. The job loses nothing when it is hidden, and its
/// work folder below can be reached then.
std::string closed_ancestor(std::string const& path, Spec const& spec) {
  if (!spec.run_as_given || spec.run_as.uid == 0) return {};
  for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    std::string const folder = path.substr(0, slash);
    struct stat there {};
    if (::stat(folder.c_str(), &there) == 0 && (there.st_mode & S_IXOTH) == 0) return folder;
  }
  return {};
}

/// A /dev with what every program expects, and of all other devices only those named.
Checked<void> narrow_devices(std::string const& folder, Spec const& spec) {
  std::string const stage = folder + "/.dev";
  if (auto made = make_folder(stage, 0700); !made) return made;
  if (auto done = mounted("tmpfs", stage, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=4m"); !done) return done;
  auto const show = [&](std::string const& device) -> Checked<void> {
    Fd const node = path_fd(device);
    if (!node) return Refused(errno_text("device " + device));
    std::string const place = stage + device.substr(4);
    if (auto done = make_parents(place); !done) return done;
    struct stat there {};
    if (::fstat(node.get(), &there) != 0) return Refused(errno_text("device " + device));
    if (auto done = S_ISDIR(there.st_mode) ? make_folder(place, 0755) : make_file(place); !done) return done;
    return show_at(node, place);
  };
  for (char const* device : {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"})
    if (auto shown = show(device); !shown) return shown;
  // Between nodes, training talks over it; it is shared by design and has no slices to keep apart.
  if (::access("/dev/infiniband", F_OK) == 0)
    if (auto shown = show("/dev/infiniband"); !shown) return shown;
  for (auto const& device : spec.devices)
    if (auto shown = show(device); !shown) return shown;
  for (auto const& [target, link] : std::array<std::pair<char const*, char const*>, 5>{
           {{"/proc/self/fd", "fd"}, {"/proc/self/fd/0", "stdin"}, {"/proc/self/fd/1", "stdout"}, {"/proc/self/fd/2", "stderr"}, {"pts/ptmx", "ptmx"}}})
    if (::symlink(target, (stage + "/" + link).c_str()) != 0) return Refused(errno_text(std::string("link /dev/") + link));
  for (char const* name : {"/pts", "/shm"})
    if (auto made = make_folder(stage + name, 0755); !made) return made;
  if (auto done = mounted("tmpfs", stage + "/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"); !done) return done;
  if (auto done = mounted("devpts", stage + "/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620"); !done) return done;
  return mounted(stage.c_str(), "/dev", nullptr, MS_MOVE);
}

/// Something that keeps its path though what is around it is hidden.
struct Kept {
  std::string path;
  Fd fd;  ///< opened before anything was hidden
  bool only_to_read;
};

Checked<void> keep(Kept const& kept) {
  struct stat there {};
  if (::fstat(kept.fd.get(), &there) != 0) return Refused(errno_text("look at " + kept.path));
  bool const is_folder = S_ISDIR(there.st_mode);
  if (auto done = make_parents(kept.path + (is_folder ? "/" : "")); !done) return done;
  if (!is_folder && ::access(kept.path.c_str(), F_OK) != 0)
    if (auto done = make_file(kept.path); !done) return done;
  if (auto done = show_at(kept.fd, kept.path); !done || !kept.only_to_read) return done;
  return mounted(nullptr, kept.path, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV);
}

/// Whether a file such as /etc/passwd or /etc/group has a line for this number, which stands third in it.
bool has_line_for(std::string const& table, std::uint32_t number) {
  std::string const wanted = ":" + std::to_string(number);
  for (std::size_t begin = 0; begin < table.size();) {
    std::size_t const end = std::min(table.find('\n', begin), table.size());
    std::string const line = table.substr(begin, end - begin);
    auto const second = line.find(':', std::min(line.find(':'), line.size() - 1) + 1);
    if (second != line.npos && (line + ":").compare(second, wanted.size() + 1, wanted + ":") == 0) return true;
    begin = end + 1;
  }
  return false;
}

/// Whole programs (Java's among them) do not start for a user without a name, and jobs' users are numbers that no machine has names for:
/// in the job's view they have one.
Checked<void> name_user(std::string const& folder, Spec const& spec) {
  if (!spec.run_as_given || spec.run_as.uid == 0) return {};
  auto const& as = spec.run_as;
  std::string const gid = std::to_string(as.gid);
  struct Table {
    std::string path, line;
    std::uint32_t number;
  };
  for (auto const& [path, line, number] : {Table{"/etc/passwd", "nav-job:x:" + std::to_string(as.uid) + ":" + gid + "::" + folder + "/work:/bin/sh\n", as.uid},
                                           Table{"/etc/group", "nav-job:x:" + gid + ":\n", as.gid}}) {
    auto table = read_whole(path);
    if (!table || has_line_for(*table, number)) continue;
    if (!table->empty() && table->back() != '\n') *table += '\n';
    std::string const own = path.substr(path.rfind('/') + 1);
    if (auto written = replace_file(folder, own, *table + line, 0644, Durability::Process); !written) return written;
    if (auto shown = show_at(path_fd(folder + "/" + own), path); !shown) return shown;
    if (auto done = mounted(nullptr, path, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV); !done) return done;
  }
  return {};
}

/// Puts an empty folder over `hidden`.
Checked<void> hide(std::string const& hidden) {
  if (auto done = make_parents(hidden + "/"); !done) return done;
  return mounted("tmpfs", hidden, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=64k");
}

std::string uid_text() { return "uid " + std::to_string(::geteuid()); }

/// A job that runs as root may do to files what root may, but not take its view of the machine apart.
void bound_root() {
  std::uint64_t kept = 0;
  for (int capability : {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_NET_BIND_SERVICE})
    kept |= 1ull << capability;
  for (int capability = 0; capability < 64; ++capability)
    if ((kept >> capability & 1) == 0) ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}

std::string change_user(Spec const& spec) {
  auto const& as = spec.run_as;
  if (::geteuid() != 0 || !spec.run_as_given) {
    bool const other = spec.run_as_given && (as.uid != ::geteuid() || as.gid != ::getegid());
    return other ? "only root can run a job as another user: the supervisor is " + uid_text() + ", the job should be uid " + std::to_string(as.uid) : "";
  }
  std::vector<gid_t> const groups(as.groups.begin(), as.groups.end());
  if (::setgroups(groups.size(), groups.data()) != 0) return errno_text("set the groups of the job");
  if (::setresgid(as.gid, as.gid, as.gid) != 0) return errno_text("become gid " + std::to_string(as.gid));
  if (as.uid == 0) bound_root();
  if (::setresuid(as.uid, as.uid, as.uid) != 0) return errno_text("become uid " + std::to_string(as.uid));
  return {};
}

std::string why_no_workdir(std::string const& workdir) {
  if (errno == ENOENT) return "workdir " + workdir + " is not there" + (is_within(workdir, "/tmp") ? " (a job has a /tmp of its own)" : "");
  if (errno == ENOTDIR) return "workdir " + workdir + " is not a folder";
  if (errno == EACCES) return "workdir " + workdir + " may not be entered by the job's user, " + uid_text();
  return errno_text("workdir " + workdir);
}

std::string why_no_command(std::string const& command) {
  if (errno == ENOENT) {
    bool const file_there = command.find('/') != std::string::npos && ::access(command.c_str(), F_OK) == 0;
    return file_there ? "the program that " + command + " is written for is not there (see its first line)" : "no such command: " + command;
  }
  if (errno == EACCES) return command + " may not be run by the job's user, " + uid_text();
  if (errno == E2BIG) return "the command and its environment are too large for the kernel";
  return errno_text("run " + command);
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (auto& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment_of(std::string const& folder, Spec const& spec) {
  auto all = spec.environment;
  all.try_emplace("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  all.try_emplace("HOME", folder + "/work");
  if (!spec.token.empty()) all.try_emplace("NAV_TOKEN_FILE", folder + "/token");
  all["NAV_TERMINATION_FILE"] = termination_file(folder);
  std::vector<std::string> out;
  for (auto const& [name, value] : all) out.push_back(name + "=" + value);
  return out;
}

void forget_inherited_signals() {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // Past the C library, which keeps two signals to itself that others may have been started without.
  struct {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)();
    unsigned long mask;
  } const default_action{};
  for (int signal = 1; signal < 65; ++signal) ::syscall(SYS_rt_sigaction, signal, &default_action, nullptr, sizeof default_action.mask);
}

}  // namespace

Checked<void> narrow_view(std::string const& folder, Spec const& spec, std::string& note) {
  // What the machine mounts later may still appear here; what is mounted here never leaves.
  if (auto done = mounted(nullptr, "/", nullptr, MS_REC | MS_SLAVE); !done) return done;
  // Inside some containers only the real root may do this; the job then sees the pids of the machine, which costs it little.
  if (auto done = mounted("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC); !done) note = "the job has no /proc of its own: " + done.error();
  if (spec.private_devices)
    if (auto done = narrow_devices(folder, spec); !done) return done;
  if (auto done = name_user(folder, spec); !done) note += (note.empty() ? "" : "; ") + ("the job's user has no name: " + done.error());
  Fd const tmp = path_fd(folder + "/tmp");
  if (!tmp) return Refused(errno_text("open the attempt's tmp folder"));
  std::vector<Kept> kept;
  auto const add_kept = [&](std::string const& path, bool only_to_read) {
    kept.push_back({path, path_fd(path), only_to_read});
    return static_cast<bool>(kept.back().fd);
  };
  if (!add_kept(folder + "/work", false)) return Refused(errno_text("open the work folder"));
  if (!spec.token.empty() && !add_kept(folder + "/token", false)) return Refused(errno_text("open the token"));
  for (auto const& path : spec.visible)
    if (!add_kept(path, true)) return Refused(errno_text("open " + path));

  std::vector<std::string> candidates{closed_ancestor(folder + "/", spec), spec.data_folder, folder};
  std::sort(candidates.begin(), candidates.end(), [](auto const& a, auto const& b) { return a.size() < b.size(); });
  std::vector<std::string> hidden;  // outermost first, none within another
  for (auto const& path : candidates)
    if (!path.empty() && std::none_of(hidden.begin(), hidden.end(), [&](auto const& over) { return is_within(path, over); })) hidden.push_back(path);
  if (auto done = show_at(tmp, "/tmp"); !done) return done;
  for (auto const& path : hidden)
    if (auto done = hide(path); !done) return done;
  for (auto const& one : kept)
    if (auto done = keep(one); !done) return done;
  for (auto const& path : hidden)
    if (auto done = mounted(nullptr, path, nullptr, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV); !done) return done;
  return {};
}

std::string become_command(std::string const& folder, Spec const& spec, int output) {
  ::setsid();
  forget_inherited_signals();
  // The agent may be spared when memory runs out; its jobs are not.
  (void)write_kernel("/proc/self/oom_score_adj", "0");
  Fd const nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!nothing || ::dup2(nothing.get(), 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) return errno_text("connect the job's output");
  if (auto why = change_user(spec); !why.empty()) return why;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno_text("give up new privileges");
  std::string const workdir = spec.workdir.empty() ? folder + "/work" : spec.workdir;
  if (::chdir(workdir.c_str()) != 0) return why_no_workdir(workdir);
  // Whatever stands open, here by us or by who started us, is not the job's.
  ::syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);

  auto environment = environment_of(folder, spec);
  auto command = spec.command;
  auto const environment_pointers = pointers(environment), command_pointers = pointers(command);
  ::environ = const_cast<char**>(environment_pointers.data());  // execvp looks for PATH in here
  ::execvp(command_pointers[0], command_pointers.data());
  return why_no_command(spec.command[0]);
}

}  // namespace nav::supervisor
