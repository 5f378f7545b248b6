/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verbs.h - the table entry of each verb's file.
 */
#ifndef HACTL_VERBS_H
#define HACTL_VERBS_H

#include "verb.h"

extern const struct hactl_verb hactl_status_verb;
extern const struct hactl_verb hactl_admission_show_verb;
extern const struct hactl_verb hactl_explain_placement_verb;
extern const struct hactl_verb hactl_explain_vm_verb;
extern const struct hactl_verb hactl_explain_host_verb;
extern const struct hactl_verb hactl_explain_event_verb;
extern const struct hactl_verb hactl_simulate_kill_verb;
extern const struct hactl_verb hactl_simulate_partition_verb;
extern const struct hactl_verb hactl_simulate_maintenance_verb;
extern const struct hactl_verb hactl_simulate_apply_verb;
extern const struct hactl_verb hactl_simulate_run_verb;
extern const struct hactl_verb hactl_events_verb;
extern const struct hactl_verb hactl_doctor_verb;
extern const struct hactl_verb hactl_report_verb;
extern const struct hactl_verb hactl_record_save_verb;
extern const struct hactl_verb hactl_host_list_verb;
extern const struct hactl_verb hactl_host_show_verb;
extern const struct hactl_verb hactl_host_add_verb;
extern const struct hactl_verb hactl_host_remove_verb;
extern const struct hactl_verb hactl_host_maintenance_verb;
extern const struct hactl_verb hactl_host_leave_verb;
extern const struct hactl_verb hactl_host_stay_verb;
extern const struct hactl_verb hactl_host_unfreeze_verb;
extern const struct hactl_verb hactl_vm_list_verb;
extern const struct hactl_verb hactl_vm_show_verb;
extern const struct hactl_verb hactl_vm_add_verb;
extern const struct hactl_verb hactl_vm_set_verb;
extern const struct hactl_verb hactl_vm_remove_verb;
extern const struct hactl_verb hactl_vm_start_verb;
extern const struct hactl_verb hactl_vm_stop_verb;
extern const struct hactl_verb hactl_vm_restart_verb;
extern const struct hactl_verb hactl_vm_move_verb;
extern const struct hactl_verb hactl_vm_reset_verb;
extern const struct hactl_verb hactl_vm_settle_verb;
extern const struct hactl_verb hactl_config_check_verb;
extern const struct hactl_verb hactl_config_show_verb;
extern const struct hactl_verb hactl_config_diff_verb;
extern const struct hactl_verb hactl_config_apply_verb;
extern const struct hactl_verb hactl_config_edit_verb;
extern const struct hactl_verb hactl_config_history_verb;
extern const struct hactl_verb hactl_config_rollback_verb;
extern const struct hactl_verb hactl_fence_host_verb;
extern const struct hactl_verb hactl_fence_confirm_verb;
extern const struct hactl_verb hactl_fence_history_verb;
extern const struct hactl_verb hactl_cluster_create_verb;
extern const struct hactl_verb hactl_cluster_stop_verb;
extern const struct hactl_verb hactl_cluster_start_verb;
extern const struct hactl_verb hactl_disarm_verb;
extern const struct hactl_verb hactl_arm_verb;
extern const struct hactl_verb hactl_version_verb;
extern const struct hactl_verb hactl_completion_verb;
extern const struct hactl_verb hactl_help_verb;

#endif
