// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The tables of telemetry.db.
namespace nav::telemetry_tables {

inline constexpr int format = 1;

/// `head` is what came since the chunks were last written: it makes samples durable before they are in chunks.
inline constexpr char create[] = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE stream(node INTEGER PRIMARY KEY, stream INTEGER, number INTEGER);
CREATE TABLE series(id INTEGER PRIMARY KEY, node INTEGER, kind INTEGER, gpu TEXT, placement TEXT, born INTEGER, job INTEGER, attempt INTEGER,
                    instance INTEGER, metric INTEGER, source INTEGER, last INTEGER DEFAULT 0,
                    UNIQUE(metric, node, kind, gpu, placement, born, job, attempt, instance, source));
CREATE INDEX series_job ON series(job) WHERE job > 0;
CREATE TABLE head(id INTEGER PRIMARY KEY, body BLOB);
CREATE TABLE chunk(level INTEGER, series INTEGER, first INTEGER, last INTEGER, body BLOB, PRIMARY KEY(level, series, first)) WITHOUT ROWID;
CREATE INDEX chunk_first ON chunk(level, first);
CREATE TABLE due(level INTEGER, series INTEGER, block INTEGER, PRIMARY KEY(level, series, block)) WITHOUT ROWID;
CREATE TABLE key(id INTEGER PRIMARY KEY, project TEXT, user TEXT, team TEXT, template TEXT, profile TEXT, node TEXT, site TEXT,
                 UNIQUE(project, user, team, template, profile, node, site));
CREATE TABLE usage(grain INTEGER, start INTEGER, key INTEGER, cells BLOB, PRIMARY KEY(grain, start, key)) WITHOUT ROWID;
CREATE TABLE span(id INTEGER PRIMARY KEY, gpu TEXT, placement TEXT, job INTEGER, attempt INTEGER, kind INTEGER, key INTEGER, memory_slices INTEGER,
                  gpu_slices INTEGER, since INTEGER, until INTEGER);
CREATE INDEX span_gpu ON span(gpu, until);
CREATE INDEX span_until ON span(until);
)";

}  // namespace nav::telemetry_tables
