// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/call.h"

/// One function a route. Each answers through the call's reply, now or later, or returns the error to be answered. What the table of routes
/// demands (method, permission, media type) has been checked.
namespace nav::http {

// jobs_routes.cc
Result<void> submit_jobs(Api& api, CallPtr const& call);
Result<void> submit_batch(Api& api, CallPtr const& call);
Result<void> list_jobs(Api& api, CallPtr const& call);
Result<void> get_job(Api& api, CallPtr const& call);
Result<void> cancel_job(Api& api, CallPtr const& call);
Result<void> why_job(Api& api, CallPtr const& call);
Result<void> read_log(Api& api, CallPtr const& call);

// door_routes.cc
Result<void> open_door(Api& api, CallPtr const& call);
Result<void> list_services(Api& api, CallPtr const& call);
Result<void> open_tunnel(Api& api, CallPtr const& call);

// try_routes.cc
Result<void> try_jobs(Api& api, CallPtr const& call);

// flow_routes.cc
Result<void> check_flow(Api& api, CallPtr const& call);
Result<void> list_flows(Api& api, CallPtr const& call);
Result<void> get_flow(Api& api, CallPtr const& call);
Result<void> start_flow_run(Api& api, CallPtr const& call);
Result<void> list_flow_runs(Api& api, CallPtr const& call);
Result<void> get_flow_run(Api& api, CallPtr const& call);
Result<void> cancel_flow_run(Api& api, CallPtr const& call);
Result<void> approve_component(Api& api, CallPtr const& call);
Result<void> reject_component(Api& api, CallPtr const& call);
Result<void> rerun_flow(Api& api, CallPtr const& call);

// flow_schedule_routes.cc
Result<void> list_flow_schedules(Api& api, CallPtr const& call);
Result<void> make_flow_schedule(Api& api, CallPtr const& call);
Result<void> get_flow_schedule(Api& api, CallPtr const& call);
Result<void> change_flow_schedule(Api& api, CallPtr const& call);
Result<void> pause_flow_schedule(Api& api, CallPtr const& call);
Result<void> resume_flow_schedule(Api& api, CallPtr const& call);
Result<void> remove_flow_schedule(Api& api, CallPtr const& call);

// artifact_routes.cc
bool is_stored(Api const& api, ProjectId project, std::string const& digest);
Result<void> list_artifacts(Api& api, CallPtr const& call);
Result<void> delete_artifact(Api& api, CallPtr const& call);
/// Removes what nobody has needed for long, and says so in the log.
void sweep_artifacts(Api& api);
Result<void> put_artifact(Api& api, CallPtr const& call);
Result<void> get_artifact(Api& api, CallPtr const& call);
Result<void> fetch_input(Api& api, CallPtr const& call);
Result<void> bring_output(Api& api, CallPtr const& call);
Result<void> deliver_outputs(Api& api, CallPtr const& call);

// defragment_routes.cc
Result<void> defragment_pool(Api& api, CallPtr const& call);

// pool_routes.cc
Result<void> get_pool(Api& api, CallPtr const& call);
Result<void> list_nodes(Api& api, CallPtr const& call);
Result<void> get_node(Api& api, CallPtr const& call);
Result<void> drain_node(Api& api, CallPtr const& call);
Result<void> resume_node(Api& api, CallPtr const& call);
Result<void> declare_node_lost(Api& api, CallPtr const& call);
Result<void> set_gpu_policy(Api& api, CallPtr const& call);
Result<void> keep_aside(Api& api, CallPtr const& call);
Result<void> take_back(Api& api, CallPtr const& call);

// template_routes.cc
Result<void> list_templates(Api& api, CallPtr const& call);
Result<void> get_template(Api& api, CallPtr const& call);
Result<void> make_template(Api& api, CallPtr const& call);
Result<void> change_template(Api& api, CallPtr const& call);
Result<void> remove_template(Api& api, CallPtr const& call);

// cloud_routes.cc
Result<void> list_clouds(Api& api, CallPtr const& call);
Result<void> open_cloud(Api& api, CallPtr const& call);
Result<void> close_cloud(Api& api, CallPtr const& call);

// events_routes.cc
Result<void> follow_events(Api& api, CallPtr const& call);
Result<void> list_audit(Api& api, CallPtr const& call);

// access_routes.cc
Result<void> list_users(Api& api, CallPtr const& call);
Result<void> get_user(Api& api, CallPtr const& call);
Result<void> make_user(Api& api, CallPtr const& call);
Result<void> change_user(Api& api, CallPtr const& call);
Result<void> list_teams(Api& api, CallPtr const& call);
Result<void> get_team(Api& api, CallPtr const& call);
Result<void> make_team(Api& api, CallPtr const& call);
Result<void> change_team(Api& api, CallPtr const& call);
Result<void> list_projects(Api& api, CallPtr const& call);
Result<void> get_project(Api& api, CallPtr const& call);
Result<void> make_project(Api& api, CallPtr const& call);
Result<void> change_project(Api& api, CallPtr const& call);
Result<void> whoami(Api& api, CallPtr const& call);

// usage_routes.cc
Result<void> get_usage(Api& api, CallPtr const& call);
Result<void> set_half_life(Api& api, CallPtr const& call);

// token_routes.cc
Result<void> list_tokens(Api& api, CallPtr const& call);
Result<void> make_token(Api& api, CallPtr const& call);
Result<void> revoke_token(Api& api, CallPtr const& call);
Result<void> make_join_token(Api& api, CallPtr const& call);

// webhook_routes.cc
Result<void> list_webhooks(Api& api, CallPtr const& call);
Result<void> make_webhook(Api& api, CallPtr const& call);
Result<void> remove_webhook(Api& api, CallPtr const& call);
Result<void> test_webhook(Api& api, CallPtr const& call);

// report_schedule_routes.cc
Result<void> list_report_schedules(Api& api, CallPtr const& call);
Result<void> make_report_schedule(Api& api, CallPtr const& call);
Result<void> get_report_schedule(Api& api, CallPtr const& call);
Result<void> change_report_schedule(Api& api, CallPtr const& call);
Result<void> pause_report_schedule(Api& api, CallPtr const& call);
Result<void> resume_report_schedule(Api& api, CallPtr const& call);
Result<void> remove_report_schedule(Api& api, CallPtr const& call);
Result<void> run_report_schedule(Api& api, CallPtr const& call);
Result<void> fetch_report(Api& api, CallPtr const& call);

// session_routes.cc
Result<void> sign_in(Api& api, CallPtr const& call);
Result<void> sign_out(Api& api, CallPtr const& call);

// system_routes.cc
Result<void> get_health(Api& api, CallPtr const& call);
Result<void> get_version(Api& api, CallPtr const& call);
Result<void> get_document(Api& api, CallPtr const& call);
Result<void> show_reference(Api& api, CallPtr const& call);
Result<void> show_landing(Api& api, CallPtr const& call);

// metrics_routes.cc
Result<void> query_metrics(Api& api, CallPtr const& call);
Result<void> latest_metrics(Api& api, CallPtr const& call);
Result<void> push_samples(Api& api, CallPtr const& call);

// report_routes.cc
Result<void> show_report(Api& api, CallPtr const& call);

// advice_routes.cc
Result<void> show_advice(Api& api, CallPtr const& call);

// exporter_routes.cc
Result<void> scrape_metrics(Api& api, CallPtr const& call);

// mlflow_routes.cc
Result<void> call_mlflow(Api& api, CallPtr const& call);

// experiments_routes.cc
Result<void> list_experiments(Api& api, CallPtr const& call);
Result<void> get_experiment(Api& api, CallPtr const& call);
Result<void> list_runs(Api& api, CallPtr const& call);
Result<void> get_run(Api& api, CallPtr const& call);
Result<void> list_points(Api& api, CallPtr const& call);

// run_file_routes.cc
Result<void> write_run_file(Api& api, CallPtr const& call);
Result<void> read_run_file(Api& api, CallPtr const& call);
Result<void> list_run_files(Api& api, CallPtr const& call);

// agent_routes.cc
Result<void> join_node(Api& api, CallPtr const& call);
Result<void> sync_node(Api& api, CallPtr const& call);
Result<void> get_launch(Api& api, CallPtr const& call);
Result<void> push_log(Api& api, CallPtr const& call);
Result<void> renew_certificate(Api& api, CallPtr const& call);

}  // namespace nav::http
