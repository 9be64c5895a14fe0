#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: clock_info
short_description: Measure the clock of a node against the shared storage
version_added: 1.0.0
description:
  - Measures the offset of a node's clock from the clock of the file server, by the time stamps the server gives to a directory
    of O(path). That offset decides whether a live lock looks stale.
  - Says how far the result may be off. The difference of two nodes is known to the sum of their bounds.
  - Reports beside it what the time daemon (chrony, systemd-timesyncd or ntpd) and the kernel say. Never sets a clock.
  - Without O(path), and where it is not on NFS, the reference is the clock of the controller. Other file systems may store
    the time of the node itself, which then would be compared with itself.
extends_documentation_fragment:
  - workbench.cluster._attributes.test_files
  - workbench.cluster._attributes.action
attributes:
  action:
    details:
      - Without O(path), and where it is not on NFS, the controller compares its own clock with the node's C(date).
options:
  path:
    description:
      - A directory on the shared storage.
      - The test directory in it is named C(.workbench-verify-*) and removed at once; when the module is cut off, by step
        V(clean) of M(workbench.cluster.lock_test), else after O(ttl).
    type: path
  token:
    description: Names the run, 8 to 64 letters, digits, V(-) and V(_).
    type: str
  samples:
    description: How often to measure. The sample with the shortest round trip counts.
    type: int
    default: 8
notes:
  - Where time stamps have whole seconds only, the bound is half a second at least.
  - Clocks can be compared with each other only where RV(clock.reference) is the same.
seealso:
  - module: workbench.cluster.lock_test
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Measure against the shared storage
  workbench.cluster.clock_info:
    path: /srv/shared
    token: "{{ ansible_facts.date_time.epoch }}"
  register: measured

- name: Clocks differ by less than a second for certain
  ansible.builtin.assert:
    that: measured.clock.offset | abs + measured.clock.bound < 1

- name: Measure against the controller
  workbench.cluster.clock_info:
"""

RETURN = r"""
clock:
  description: The clock of the node.
  returned: success
  type: dict
  contains:
    offset:
      description: Seconds, node minus reference. Positive when the node is ahead. None when unknown.
      returned: success
      type: float
      sample: 0.0021
    bound:
      description:
        - Seconds. The truth is at most this far from RV(clock.offset).
        - Half of the round trip and of the granularity of the server's time stamps.
      returned: success
      type: float
      sample: 0.0053
    samples:
      description: All measurements.
      returned: success
      type: list
      elements: dict
      sample: [{offset: 0.0021, round_trip: 0.0006}]
      contains:
        offset:
          description: Seconds, as above.
          returned: success
          type: float
        round_trip:
          description: Seconds.
          returned: success
          type: float
    reference:
      description: V(storage), V(controller), or V(none) when the offset could not be measured.
      returned: success
      type: str
      sample: storage
    daemon:
      description: What the time daemon says.
      returned: success
      type: dict
      sample: {name: chrony, synchronized: true, offset: 2.1e-05, bound: 0.0007, source: ntp1.example.com, error: null}
      contains:
        name:
          description: V(chrony), V(timesyncd), V(ntpd) or none.
          returned: success
          type: str
        synchronized:
          description: Whether it says so; none when it is not understood.
          returned: success
          type: bool
        offset:
          description: Seconds, node minus C(source).
          returned: success
          type: float
        bound:
          description: Seconds, its root dispersion and half its root delay.
          returned: success
          type: float
        source:
          description: Whom it follows.
          returned: success
          type: str
        error:
          description: What is wrong, a sentence.
          returned: success
          type: str
    kernel:
      description: What the kernel says.
      returned: success
      type: dict
      sample: {synchronized: true, max_error: 0.0134}
      contains:
        synchronized:
          description: Whether somebody keeps the clock in step.
          returned: success
          type: bool
        max_error:
          description: Seconds.
          returned: success
          type: float
    errors:
      description: What could not be had, one sentence each.
      returned: success
      type: list
      elements: str
    path:
      description: The directory whose server is the reference.
      returned: success
      type: str
      sample: /srv/shared
    fstype:
      description: The file system RV(clock.path) lies on; none without one, or when it does not answer.
      returned: success
      type: str
      sample: nfs4
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._clock.report import OPTIONS, read_clock
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import runner


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec=OPTIONS,
        required_by={"path": ["token"]},
        supports_check_mode=True,
    )
    options = module.params
    if options["samples"] < 1:
        module.fail_json(msg="samples has to be 1 at least")

    clock = read_clock(runner(module), {**options, "writes": not module.check_mode})
    module.exit_json(changed=False, clock=clock)


if __name__ == "__main__":
    main()
