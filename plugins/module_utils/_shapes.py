# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nodes report, each field once. The readers here return these types, and the controller takes them.

Imported where types are checked: on a host each execution of a module would compile it.
Times are seconds, modes are text such as `0600`, numbers that are keys of a map are text (JSON has no others).
An `error` or one of `errors` is a sentence about what could not be had; what stands beside it is `None` then.
"""

from __future__ import annotations

import typing as t

# Of a file of the product: the values of each option, the first of which counts but in lists.
Options = t.Dict[str, t.List[str]]


# --- accounts_info: `accounts` -------------------------------------------------------------------------------------------


class User(t.TypedDict):
    uid: int
    gid: int  # of the primary group
    comment: str  # gecos
    home: str
    shell: str


class Group(t.TypedDict):
    gid: int
    members: list[str]  # supplementary ones only


class Accounts(t.TypedDict):
    """By name, through NSS."""

    users: dict[str, User]
    groups: dict[str, Group]


class AccountsReport(Accounts):
    """The accounts asked for by name, and whose the numbers are: of all that is enumerated and those asked for."""

    uids: dict[str, list[str]]  # names by uid
    gids: dict[str, list[str]]  # names by gid
    reached: dict[str, int | None]  # by name of the range, the last number asked for; None: none was


class AccountsAsked(t.TypedDict):
    """What is wanted of a node, as far as it has to know."""

    users: list[str]
    groups: list[str]  # also those of the users
    numbers: list[int]  # whose they are
    members: list[tuple[str, str]]  # user and supplementary group
    passwords: list[str]  # users of whose passwords something is said
    ranges: dict[str, tuple[int, int]]  # where free numbers are looked for, in that order
    spare: (
        int  # how many of them beside one for each account that is missing; where none is missing, none is looked for
    )
    homes: dict[str, str] | None  # of users: where they are to be if nobody has another; None: not asked for
    fixed_homes: list[str]  # users whose homes are there whatever the node says


class Shadow(t.TypedDict):
    """The password field of a shadow entry."""

    marks: str  # those that lock it, mostly one `!` or none
    password: str | None  # None: there is none; of a report a digest under the key of the run


class HomePlace(t.TypedDict):
    """What is where a home directory is to be."""

    owner: int | None  # None: nothing is there
    parent: bool  # its parent directory is there


class AccountsLook(AccountsReport):
    """All that tells what is to be done about the accounts asked for."""

    passwords: dict[str, Shadow]
    memberships: dict[
        str, list[int]
    ]  # gids of all groups of users that a group, which they are to be in, does not list
    foreign_users: list[str]  # those asked for that do not stand in /etc/passwd
    foreign_groups: list[str]
    hidden_users: dict[str, int]  # uids in a directory of users whom a local account of the same name hides
    homes: dict[str, HomePlace] | None  # by path; None: not asked for, or the file server does not answer


class DirectoryHome(t.TypedDict):
    """Where a user of a directory service has a home, and whether a directory is there."""

    path: str
    there: bool


class SssdReport(t.TypedDict):
    """SSSD on a node, and the names that were asked for."""

    sections: dict[str, dict[str, str]] | None  # of sssd.conf, secrets empty; None: no file, or one of ours
    snippets: list[str]  # files that SSSD reads after sssd.conf
    nss: bool  # NSS asks SSSD for users and groups
    pam: bool  # the common stack has pam_sss
    authselect: str  # its profile, empty where there is none
    foreign_profiles: list[str]  # PAM profiles, of those asked for, that are there and not ours
    users: dict[str, int]  # uids of users that SSSD gives
    groups: dict[str, int]
    local_users: list[str]  # those asked for that stand in /etc/passwd
    local_groups: list[str]
    homes: dict[str, DirectoryHome]  # by user, of those that SSSD gives


# --- keys_info: `key_files` ----------------------------------------------------------------------------------------------


class KeyFile(t.TypedDict):
    """A key without its value. All but the first two are `None` unless it is present."""

    path: str
    state: t.Literal["present", "absent", "unreadable"]
    sha256: str | None  # 64 hexadecimal digits
    size: int | None  # bytes
    mode: str | None
    owner: str | None  # a name, or the number of nobody
    group: str | None
    crc32: str | None  # the product's own name for a key, of its first line


class CookieKey(KeyFile):
    managed: bool  # lies elsewhere than in the configuration directory, which has no copy of it


class StrayKey(t.TypedDict):
    """A cookie key beside the one in use."""

    path: str
    sha256: str | None
    agrees: bool  # is the same key


class StoredPassword(t.TypedDict):
    """How database.conf has the password."""

    state: t.Literal["absent", "none", "plain", "encrypted"]  # absent: there is no such file
    key_crc32: str | None  # of the cookie key it is encrypted with


class ReplacedKeys(t.TypedDict):
    """The first 12 hex digits of SHA-256 of the keys that go, while others take their place."""

    cookie_key: list[str]
    launcher: list[str]


class KeyFiles(t.TypedDict):
    cookie_key: CookieKey
    launcher_private: KeyFile
    launcher_public: KeyFile
    launcher_pair: t.Literal["matches", "differs", "absent", "unknown"]  # absent: one of the two; unknown: to openssl
    stray: list[StrayKey]
    database_password: StoredPassword
    encrypted: list[str]  # other files of the configuration with a value that only the cookie key in use decrypts
    running: list[str] | None  # Workbench's units that are not stopped; None: systemd does not say
    replaced: ReplacedKeys | None  # None: no replacement is under way


# --- cluster_info: `cluster` ---------------------------------------------------------------------------------------------


class ListedNode(t.TypedDict):
    """A row of `rstudio-server list-nodes`, in its words; columns of later releases are kept by the names of their heads."""

    id: int
    host: str  # as it advertises itself, without its port
    ipv4: str  # may be empty
    port: int
    status: str  # Online, Offline, …
    last_seen: str  # as in 2026-Jan-05 16:49:17


class Session(t.TypedDict):
    pid: int
    user: str
    process: str | None  # told since 2023.12


class StatusNode(t.TypedDict):
    """A node as `/load-balancer/status` shows it."""

    host: str
    port: int
    ipv4: str | None  # told since 2023.12
    flag: str | None  # unreachable, offline; None: healthy
    load: list[float]  # of 1, 5 and 15 minutes, as a fraction of all processors
    sessions: list[Session]


class Runtimes(t.TypedDict):
    r: dict[str, str]  # version by program
    python: list[str]  # programs


class Licence(t.TypedDict):
    """What the product says of its licence."""

    status: str | None  # Activated, Evaluation, Expired, …
    days_left: int | None
    error: str | None


class LicenceReport(Licence):
    source: str  # key, offline or server, as we activated it; empty: we did not
    what: str  # sha256 of the key, or the server


class LicenceTold(t.TypedDict, total=False):
    """Reports of before it was asked for have none."""

    licence: Licence | None  # None: not asked for, or the product is not there


class Cluster(LicenceTold):
    """The cluster as one node sees it. Where Workbench is not installed all but names, addresses and runtimes is empty.

    A look that does not ask for its nodes leaves addresses, protocol, nodes and node_status empty.
    """

    installed: bool
    hostname: str  # the kernel's
    www_host_name: str | None  # of load-balancer, with its port where it has one
    addresses: list[str]  # the node's own, without loopback and link-local ones
    version: str | None
    services: dict[str, str | None]  # ActiveState by unit; the launcher's where sessions are the launcher's
    protocol: str | None  # between the nodes, as listed
    nodes: list[ListedNode]
    status: list[StatusNode]
    node_status: object  # what `node-status` answers; its keys are not documented
    runtimes: Runtimes
    errors: list[str]


# --- clock_info: `clock` -------------------------------------------------------------------------------------------------


class ClockSample(t.TypedDict):
    offset: float
    round_trip: float


class ClockOffset(t.TypedDict):
    """`offset` ± `bound` holds the truth."""

    offset: float | None  # node minus reference: positive, this node is ahead
    bound: float | None  # half of the round trip and of the granularity of the time stamps
    samples: list[ClockSample]


class Daemon(t.TypedDict):
    name: t.Literal["chrony", "timesyncd", "ntpd"] | None  # None: none runs
    synchronized: bool | None
    offset: float | None  # node minus source
    bound: float | None  # root dispersion and half the root delay
    source: str | None
    error: str | None


class Kernel(t.TypedDict):
    synchronized: bool | None
    max_error: float | None


class Clock(ClockOffset):
    # The file server (of an NFS mount), the controller, or none: the offset could not be measured. Offsets from different
    # references cannot be compared.
    reference: t.Literal["storage", "controller", "none"]
    daemon: Daemon
    kernel: Kernel
    errors: list[str]
    path: str | None  # the directory whose server is the reference
    fstype: str | None  # of the path; None without one, or when it does not answer


# --- lock_test: `locks` --------------------------------------------------------------------------------------------------


class Holder(t.TypedDict):
    """The process that holds a lock."""

    host: str  # the kernel's name of its node
    pid: int
    started: str | None  # ticks since boot: another process may have the number by now


Outcome = t.Literal[
    "held", "refused", "acquired", "released", "stale", "live", "gone", "unsupported", "error"
]  # which step has which: lock_test


class LockStep(t.TypedDict):
    """What one step met on one lock."""

    step: str  # hold, try, release, takeover, crash, stale, clean; measured: also again (the second hold) and fresh
    type: str | None  # linkbased, symlink, advisory, locktester; None of step clean
    path: str
    outcome: Outcome
    holder: Holder | None  # of hold, release and crash
    seconds: float | None  # the step took; of takeover, until it was free; of stale, since the last refresh
    error: str | None


# --- node_info: `node` ---------------------------------------------------------------------------------------------------


class NodeUser(t.TypedDict):
    uid: int
    gid: int
    home: str


class NodeGroup(t.TypedDict):
    gid: int


class NodeAccounts(t.TypedDict):
    """Of the users and groups asked for, their members and primary groups, as far as they exist."""

    users: dict[str, NodeUser]
    groups: dict[str, NodeGroup]
    uids: dict[str, list[str]]  # names by uid, NSS's own answer first
    gids: dict[str, list[str]]


class Versions(t.TypedDict):
    workbench: str | None  # None: not installed
    launcher: str | None  # fingerprint of its program, which does not tell its version
    r: list[str]
    python: list[str]


class Mount(t.TypedDict):
    """An entry of /proc/self/mountinfo."""

    source: str
    fstype: str
    options: list[str]  # of the mount and of its file system, `ro` or `rw` first
    device: str  # major:minor
    root: str  # the directory of the file system that is mounted: another than / where it is a bind mount
    target: str


class Granted(t.TypedDict, total=False):
    """Access control lists of a file; not in reports of old."""

    acls: list[str]  # the kinds that name an account besides the owner: posix, nfs4


class Kept(Granted, total=False):
    acl_error: str | None  # why that cannot be told


class ShareTest(Kept):
    """Whether a file could be written to a shared path."""

    written: bool
    chmod_kept: bool | None  # 0600 stayed 0600
    root_squashed: bool | None  # root was made somebody else; None when it does not show
    error: str | None


class SeenMarker(Granted):
    """The marker of another node, as this one sees it."""

    delay: float | None  # how long this node had to look until it could read it; None: it could not
    mode: str | None
    uid: int | None
    error: str | None


class Target(t.TypedDict):
    """Whom a node is to reach, as the controller asks."""

    name: str  # by which it is told in the answer
    host: str  # name or address
    ports: list[int]


PortState = t.Literal["open", "refused", "timeout", "unreachable", "unresolved"]


class Peer(t.TypedDict):
    address: list[str]  # as resolved on this node
    ports: dict[str, PortState]


class Older(t.TypedDict):
    """Sentences: the running unit started before these were last written, or its program replaced."""

    configuration: str | None
    key_files: str | None
    program: str | None


class UnitState(t.TypedDict):
    active: str | None  # ActiveState of systemd
    enabled: str | None  # UnitFileState, or masked
    older: Older


class OwnCheck(t.TypedDict):
    """The product's judgement on its configuration."""

    passed: bool | None  # None: it gave none
    said: str  # its words where it does not pass


class SharedStorage(t.TypedDict):
    """The directory of `server-shared-storage-path`; the two in the middle are `None` when it does not answer."""

    path: str
    directory: bool | None
    mode: str | None
    error: str | None


class Start(t.TypedDict):
    """Whether the node could start again as it is, and runs what is on disk."""

    check: OwnCheck
    units: dict[str, UnitState]
    shared_storage: SharedStorage | None  # None: not set


class DatabaseHolds(t.TypedDict):
    """What users have made in a database."""

    tables: int  # relations of any kind outside the system's schemas
    names: list[str]  # of the first of them
    workbench: bool  # the table in which Workbench keeps its version is there


class DatabaseLimits(t.TypedDict, total=False):
    """How many connections a server lets in, as in force."""

    max_connections: int
    reserved_connections: int  # of them for superusers and the like


class DatabaseSession(DatabaseHolds, DatabaseLimits):
    """What a login with the product's credentials found."""

    protocol: str | None  # such as TLSv1.3; None: not encrypted
    client_certificate: str | None  # the subject of the one the server was shown
    standby: bool
    owner: str  # of the database
    owns: bool  # the role does, or is a member of the owner
    schema: str | None  # where tables are made; None: the one that is asked for is not there
    creates: bool  # the role may make tables there


class DatabaseReached(t.TypedDict):
    host: str | None  # None: no PostgreSQL server is named
    port: int | None
    reachable: bool | None
    server_version: str | None  # asked for with the product's login, where the node's Python can
    error: str | None


class DatabaseAnswer(DatabaseReached, total=False):
    session: DatabaseSession | None  # None: nobody could log in


class CertificateText(t.TypedDict):
    subject: str | None
    names: list[str]  # alternative names, else the common name
    not_before: str | None  # ISO 8601, UTC
    not_after: str | None


class CertificateKey(t.TypedDict, total=False):
    """Of the private key that the same file names."""

    key: str  # path
    key_mode: str | None  # None: it is not there


class Certificate(CertificateText, CertificateKey):
    file: str  # rserver.conf or launcher.conf, which switches TLS on
    path: str  # of the certificate it names; may be empty
    error: str | None


class NodeReport(t.TypedDict):
    """Phase `report`: the node itself. Maps by path have those of `paths`."""

    hostname: str  # the kernel's
    machine_id: str | None
    service_user: str
    accounts: NodeAccounts
    id_rules: dict[str, str]  # by which SSSD numbers users, "domain/X option"; empty where NSS does not ask it
    key_files: KeyFiles
    config: dict[str, Options]  # by file; sections as "section.option", secrets as "sha256:" and 12 digits
    unparsed: dict[str, str]  # fingerprints of the other files
    versions: Versions
    mounts: dict[str, Mount | None]  # None: nothing is mounted there
    share: dict[str, ShareTest] | None  # None in check mode
    start: Start
    database: DatabaseAnswer
    tls: list[Certificate]
    errors: list[str]


class NodePeers(t.TypedDict):
    """Phase `peers`: what needs the others."""

    seen: dict[str, dict[str, SeenMarker]] | None  # by path and peer; None in check mode
    peers: dict[str, Peer]
    errors: list[str]


class Node(NodeReport, total=False):
    """Both phases, as they are judged. A preflight has phase `peers` alone."""

    seen: dict[str, dict[str, SeenMarker]] | None
    peers: dict[str, Peer]


# --- mounts_info: `report` -----------------------------------------------------------------------------------------------


class Process(t.TypedDict):
    pid: int
    user: str
    command: str  # the kernel's name of it, 15 letters at most
    use: str  # how it holds the directory, in words
    own: bool  # the connection of this run, or what it started


class Home(t.TypedDict):
    user: str
    home: str
    authorized_keys: bool  # who connects with keys needs them


class DirectoryEntries(t.TypedDict):
    kind: t.Literal["directory", "file"]
    entries: int
    names: list[str]  # the first of them
    homes: list[Home]  # that lie in a local directory


class Directory(DirectoryEntries, total=False):
    """What lies at a path; a file has no more than a kind."""

    owner: int
    group: int
    owner_name: str  # or the number of nobody
    group_name: str
    mode: str


class FstabLine(t.TypedDict):
    """A line of /etc/fstab, as written but for escapes."""

    source: str
    target: str
    fstype: str
    options: str
    dump: str
    passno: str


class FstabEntry(FstabLine):
    addresses: list[str]  # of the servers in its source, as resolved here


class Layers(t.TypedDict):
    mount: Mount | None  # what is mounted at the path
    automount: Mount | None  # an automounter's own entry under it
    above: Mount | None  # what holds the directory above; None: the root's


class MountPoint(Layers):
    real: str  # the path behind symbolic links
    fstab: list[FstabEntry]
    unit: str | None  # the mount unit somebody wrote for it
    users: list[Process]
    directory: Directory | None  # None: nothing is there, or it does not answer
    moved: bool  # what was moved onto the share still lies under the mount
    addresses: list[str]  # of the servers in the source that is wanted
    same_place: bool | None  # a local source that is wanted is what is mounted; None: it is not local
    efs: str | None  # the file system behind a tunnel of the EFS helper
    error: str | None


class Connected(t.TypedDict):
    user: str  # whom Ansible connects as
    home: str | None


class MountsReport(t.TypedDict):
    connected: Connected
    product: list[Process]  # Workbench's
    mounts: dict[str, MountPoint]  # by path asked for


# --- options_info: `options` ---------------------------------------------------------------------------------------------


class FoundOptions(t.TypedDict):
    options: Options
    hidden: list[str]  # names of those whose values are secrets or no text


class OptionsSection(FoundOptions):
    name: str
    label: str  # its option `name`


class OptionsFile(FoundOptions):
    state: t.Literal["absent", "found", "ours"]  # ours: only what was found and kept counts
    sections: list[OptionsSection]  # of launcher.conf, in their order


class Sqlite(t.TypedDict):
    path: str
    # absent too where another provider is set; data where nobody can tell; moving: a migration to PostgreSQL was cut off
    state: t.Literal["absent", "empty", "data", "moving"]


class OptionsReport(t.TypedDict):
    files: dict[str, OptionsFile]
    sqlite: Sqlite


# --- database_info: `server` and `names` ---------------------------------------------------------------------------------


class AccessError(t.TypedDict):
    """A line of the access rules on disk that the server would refuse."""

    file: str
    line: int
    error: str


class DatabaseRole(t.TypedDict):
    login: bool
    verifier: str | None  # of its password


class OwnedDatabase(t.TypedDict):
    owner: str
    holds: DatabaseHolds | None  # None: it cannot be told
    schema_owner: str | None  # None: the schema is not there, or none is asked for


class AccessBlock(t.TypedDict):
    """What stands between our marks in the access rules on disk, for one role in one database."""

    rules: list[str]  # lines, as they are
    marks: list[int]  # numbers of the lines with our marks
    whole: bool  # the marks are one pair, in order
    first: bool  # nobody else's rule stands above


class DatabaseState(t.TypedDict):
    state: t.Literal["running", "silent", "absent"]  # absent: without psql
    error: str | None  # words of a server that is silent


class DatabaseServer(DatabaseState, DatabaseLimits, total=False):
    """A server on this host, read as its own account. All but the first two are there when it runs."""

    version: str
    instance: str  # cluster_name, which Debian makes of version and name
    standby: bool
    listen_addresses: str
    next_connections: int  # max_connections of the server's files, which the next restart puts in force
    access_file: str  # pg_hba.conf
    access_loaded: bool  # the server has read it since its last change
    access_block: AccessBlock | None  # None: none of ours
    access_kept: bool  # a copy of it as it was found lies beside it
    access_errors: list[AccessError]
    databases: list[str]  # of others
    roles: list[str]  # of others, that may log in
    connections: int  # of clients, without the one that asked
    tls: dict[str, str]  # its settings, such as ssl_cert_file, in force
    served: str | None  # fingerprint of its certificate's public key; only where it was asked for
    tls_loaded: bool  # the files of the question were read since their last change
    role: DatabaseRole | None  # None: there is none
    database: OwnedDatabase | None


class ResolvedName(t.TypedDict):
    addresses: list[str]
    own: list[str]  # those of this host itself


# --- host_info: `firewall` ------------------------------------------------------------------------------------------------


class Connection(t.TypedDict):
    """The ssh connection that Ansible came by, as the host sees it."""

    client: str  # an address
    client_port: int
    port: int  # of the host


class FirewallRules(t.TypedDict):
    """The cluster's rules in one firewall, as `verb protocol ports source`."""

    rules: list[str]
    kept: bool  # a boot brings just these back


class FirewallReport(t.TypedDict):
    active: list[str]  # of firewalld and ufw, those that are on
    tool: bool  # nft is there
    ours: dict[str, FirewallRules]  # by firewall, where there are any
    ssh: Connection | None  # None: Ansible did not come by ssh
    addresses: dict[str, list[str]]  # of the names asked for; empty where one cannot be resolved
    ipv6: bool  # ufw takes rules for it
    others: list[str]  # rules of others that stand in the way: see `_firewall/report.py`


# --- host_info: `report`, of each part that was asked for -----------------------------------------------------------------


class System(t.TypedDict):
    """Of Ansible's own facts those that roles and the actions they use read, without `ansible_`."""

    os_family: str
    pkg_mgr: str


class Package(t.TypedDict):
    state: t.Literal["absent", "installed", "unpacked", "broken"]  # unpacked: not configured; broken: a part is there
    version: str | None


class UpgradeRecord(t.TypedDict):
    """What a node keeps of an upgrade from before its first change until it is done."""

    former: str  # the version that it had
    target: str
    began: float  # seconds since the epoch, by the node's clock
    drained: bool  # whether it let nobody in before
    schema: str | None  # of the database, before


class UpgradeReport(t.TypedDict):
    package: Package
    schema: str | None  # of the database, now
    error: str | None  # why that is not told
    record: UpgradeRecord | None  # None: no upgrade is under way
    seconds: float  # since it began


class Owned(t.TypedDict):
    owner: str  # a name, or the number of nobody
    group: str
    uid: int
    gid: int
    mode: str


class FileState(Owned):
    """A file as it is, where a link leads, by digests under the key of the run, which tell nothing to who has not the key.

    What stands in a file's place and cannot be read as one, a directory or a link that leads nowhere, has the digest of none.
    """

    digest: str  # of its bytes, 64 hexadecimal digits; empty: it is no file
    sense: str | None  # of what the product reads from it; None where the grammar is not sure
    age: float
    ours: bool  # its first line says that this collection manages it
    kept: bool  # a copy of it as it was found lies beside it
    content: str | None  # where asked for, or where its options are certain; of secrets fingerprints


class DirectoryState(Owned):
    """A directory as it is."""


class UnitReport(t.TypedDict):
    load: str  # LoadState of systemd: loaded, masked, not-found
    enabled: str  # UnitFileState
    active: str  # ActiveState
    uptime: float | None  # since it started; None: it does not run
    read: float | None  # since it last read its files, by its start or by our reload
    replaced: bool  # its program was replaced after it started
    unread: bool  # systemd has not read the unit's files as they are


class Exports(t.TypedDict):
    others: list[str]  # lines of others for the directories asked for, with their files
    table: list[str]  # what the server exports, as "path client(options)"
    places: dict[str, str]  # where the directories asked for really are, as the table has them
    age: float | None  # since the table was last written


class Step(t.TypedDict):
    """Whether a clock is in step, as its daemon says."""

    synchronized: bool | None
    offset: float | None


class TlsFile(Owned):
    """A certificate, a key, or what is none, in a file."""

    readable: bool | None  # by the account that is to; None: it is not there
    fingerprint: str
    public_key: str | None  # fingerprint of the public half; None: openssl cannot read it
    subject: str | None  # of a certificate
    names: list[str]  # alternative names, else the common name
    not_after: str | None  # ISO 8601, UTC
    expired: bool


TlsFiles = t.Dict[str, t.Optional[TlsFile]]  # by path; None: nothing is there


class Trial(t.TypedDict):
    """A program that was run as it would be."""

    passed: bool | None  # None: it could not be run yet
    said: str  # what is wrong, as the rest of a sentence


class Balancer(t.TypedDict):
    """The program behind `balancer=custom`."""

    program: str
    executable: bool  # it is there, and may be run
    trial: Trial | None  # of the script that is to be there; None: none is


class DatabaseReport(t.TypedDict):
    server: DatabaseServer
    names: dict[str, ResolvedName]
    files: TlsFiles


class LoginReport(t.TypedDict):
    """How a node would log in to its database."""

    answer: DatabaseAnswer | None  # None: nobody was to be asked
    files: TlsFiles


class CertificateFile(t.TypedDict):
    """The first certificate of a file of the role tls."""

    subject: str
    names: list[str]  # alternative names, else the common name
    not_after: str  # ISO 8601, UTC
    sha256: str  # of the certificate, 64 hexadecimal digits
    public_key: str  # SHA-256 of its public key in PEM form
    text: str  # of the whole file


class TlsReport(t.TypedDict):
    """What lies in the directory of the role tls. `None` where nothing is, or nothing that can be read."""

    certificate: CertificateFile | None
    key: str | None  # SHA-256 of the public half of the private key, as `public_key` of its certificate
    authority: CertificateFile | None  # which this host trusts
    issuer: CertificateFile | None  # of the authority whose key lives on this host
    signed: bool | None  # the authority signed the certificate, however long ago
    trusted: bool | None  # the system trusts the authority


class FrontEndReport(t.TypedDict):
    """What a front end finds on its host."""

    taken: dict[str, str]  # by port, the program of others that listens there
    networks: dict[str, list[str]]  # by interface, its addresses, each with the length of its prefix
    certificate: Certificate | None  # None: none was asked for


class Place(t.TypedDict):
    """A node in the file of a web server, and what it answered to its front end."""

    standby: bool  # it gets requests while the others are away
    answer: str  # a status of HTTP, or why there is none


class Served(t.TypedDict):
    """What browsers get at an address."""

    answers: list[str]  # to those that come for the first time: a status of HTTP, or why there is none
    kept: bool | None  # one that came back kept the cookie that it had; None: it had got none
    certificate: Certificate | None


class ServedReport(t.TypedDict):
    """What a front end serves, of which the question told names, page, port and virtual address."""

    state: str  # of its unit, as systemd has it
    port: int
    names: list[str]  # that people type
    virtual: str
    holds: bool  # the virtual address is here
    check: str  # the page that tells how a node is
    places: dict[str, Place]  # by address:port; none where there is no file of ours
    served: dict[str, Served]  # by address


class HostReport(t.TypedDict, total=False):
    """All that one look at a host brings back. A part that could not be had is absent, and `errors` says why."""

    system: System
    processors: int | None  # logical ones; None: it cannot be told
    packages: dict[str, Package]
    files: dict[str, FileState | None]  # None: nothing is there
    directories: dict[str, DirectoryState | None]
    units: dict[str, UnitReport]
    exports: Exports
    mounts: MountsReport
    accounts: AccountsLook
    sssd: SssdReport
    keys: KeyFiles
    options: OptionsReport
    cluster: Cluster
    database: DatabaseReport
    login: LoginReport
    step: Step
    tls: TlsReport
    front_end: FrontEndReport
    served: ServedReport
    balancer: Balancer
    node: NodeReport
    clock: Clock
    firewall: FirewallReport
    licence: LicenceReport | None  # None: nobody wants to know
    seen: dict[str, dict[str, SeenMarker]] | None  # as that of NodePeers
    locks: list[LockStep]
    peers: dict[str, Peer]
    errors: dict[str, str]  # by part


# --- support_info: `support` ---------------------------------------------------------------------------------------------


class Support(t.TypedDict):
    content: str  # base64 of zlib of a JSON map: text by path, without secrets
    sizes: dict[str, int]  # bytes of each text
    cut: list[str]  # those of which only the end is there
    errors: list[str]


# --- backup_info: `backup` -----------------------------------------------------------------------------------------------


class BackupFile(t.TypedDict):
    path: str
    mode: str
    owner: str  # name, or number of one that has none
    group: str
    content: str  # base64


class Ids(t.TypedDict):
    uid: int
    gid: int  # of the primary group


class BackupDatabase(t.TypedDict):
    name: str
    version: str  # of the program that wrote the dump
    tables: int  # whose rows are in it
    content: str  # base64 of what `pg_dump --format=custom` wrote


class Backup(t.TypedDict):
    files: list[BackupFile]
    ids: dict[str, Ids]
    product: str | None  # version of the product
    database: BackupDatabase | None


# --- teardown: `made` ----------------------------------------------------------------------------------------------------


class Made(t.TypedDict):
    goes: list[str]  # files of ours
    back: list[str]  # those in whose place the file goes that was found there
    left: dict[str, str]  # why what may be ours stays, by path
    disabled: list[str]  # units that are to start no more
    told: list[str]  # of whom a run that was cut off has not told that files went
