# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# The lines before it, which say root, shared, skeleton and mode, are written by sssd_files.py.
# shellcheck disable=SC2154
# Make the homes of users on the shared file system, where they have none: those that are named, else the one whose session
# PAM opens (pam_exec). pam_mkhomedir fills a home in its place, where a session on another node finds it half made and root's;
# here it is made beside its place and renamed, so that it appears whole, and once, however many nodes open a session.
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 077
draft=
trap 'if [ -n "$draft" ]; then rm -rf -- "$draft"; fi' EXIT

refuse() {
  echo "$1" >&2
  logger -t workbench-cluster-home -- "$1" 2>/dev/null
  return 1
}

make() {
  entry=$(getent passwd -- "$1") || { refuse "$1 is no user here"; return 1; }
  ids=$(printf %s "$entry" | cut -d: -f3,4)
  home=$(printf %s "$entry" | cut -d: -f6)
  case $home in
    */../* | */.. | */./*) refuse "the home of $1 is no plain path: $home"; return 1 ;;
    "$root"/?*) ;;
    *) return 0 ;; # a home elsewhere is somebody else's business
  esac
  if [ -d "$home" ]; then return 0; fi
  if [ "$shared" = 1 ] && [ "$(stat -c %m -- "$root" 2>/dev/null)" = / ]; then
    refuse "$root is not mounted: no home for $1"
    return 1
  fi
  parent=$(dirname -- "$home")
  (umask 022 && mkdir -p -- "$parent") || return 1
  case $(stat -c '%u %A' -- "$parent") in
    "0 d"????-??-?) ;;
    *) refuse "$parent is not root's alone to write: no home for $1"; return 1 ;;
  esac
  draft=$(mktemp -d -- "$parent/.home.XXXXXXXXXX") || return 1
  if [ -d "$skeleton" ]; then cp -RPp -- "$skeleton/." "$draft" || return 1; fi
  chown -hR -- "$ids" "$draft" && chmod -- "$mode" "$draft" || return 1
  # Another node may be first: then its home is there, and this draft goes.
  mv -nT -- "$draft" "$home" 2>/dev/null
  if [ -d "$draft" ]; then rm -rf -- "$draft"; else echo "$home"; fi
  draft=
  [ -d "$home" ] || { refuse "$home could not be made for $1"; return 1; }
}

if [ "${PAM_TYPE:-}" = close_session ]; then exit 0; fi
if [ $# -eq 0 ]; then set -- "${PAM_USER:-}"; fi
failed=0
for name; do make "$name" || failed=1; done
exit $failed
