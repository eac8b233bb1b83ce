/**
 * The configuration file that `gqm init` writes.
 *
 * @module
 */

/**
 * A `gqm.yaml` with every key, most of them switched off by `#` without a space after it. It can be
 * loaded as it is. Its first line names the schema for editors, as a file beside it: `configSchema()`
 * as JSON.
 *
 * @example
 * ```ts
 * import { configTemplate, loadConfig } from "@gqm/gqm/config";
 * import { equal } from "node:assert/strict";
 *
 * const config = await loadConfig({ text: configTemplate() });
 * equal(config.pools[0]?.concurrency, 5);
 * ```
 */
export function configTemplate(): string {
  return TEMPLATE;
}

const TEMPLATE = `# yaml-language-server: $schema=gqm.schema.json
#
# A server of GQM. All that is commented out shows its default, or an example.
# Times are in seconds, unless a name ends in _ms. In values, \${NAME} and \${NAME:-default}
# stand for variables of the environment; \$\${ stands for \${ itself.

redis:
  addr: "localhost:6379"
  #password: "\${REDIS_PASSWORD}"
  #db: 0
  prefix: "gqm"                 # the same as "gqm:"
  #tls: false
  #pool_size: 0                 # has no effect

# Another store, in the place of redis:
#store: "sqlite:./gqm.db"

app:
  timezone: "UTC"               # of cron entries that name none
  log_level: "info"             # debug, info, warn, error, silent
  shutdown_timeout: 30          # how long a stop waits for running jobs
  global_job_timeout: 1800      # time limit of an attempt; there is always one
  grace_period: 10              # from the abort at the limit to leaving the handler alone
  #result_ttl: 604800           # completed jobs are kept so long; -1 for ever, 0 not at all
  #failure_ttl: 2592000         # all others that have ended
  #lease_ms: 15000              # after which the jobs of a server that died go to another
  #max_deliveries: 5            # deaths of its servers after which a job is a dead letter

# The same as result_ttl and failure_ttl, in their place, and how many are kept:
#retention:
  #completed_ms: 604800000
  #failed_ms: 2592000000
  #max_count: 100000            # of a queue and status

# Queues that pools may name; "default" is always there.
queues:
  - name: "default"
    #priority: 1                # weight for "weighted"; without any, the order in the pool counts

pools:
  - name: "default"
    job_types: ["*"]            # "*": all types that no other pool names
    queues: ["default"]         # the first is preferred
    concurrency: 5              # jobs at once; 0: the number of cores
    job_timeout: 300
    #grace_period: 10
    #shutdown_timeout: 30       # has no effect: a server stops as a whole
    #dequeue_strategy: "weighted" # weighted, strict, round_robin
    #prefetch: 128              # most jobs that it claims ahead of its slots
    #retry:
      #max_retry: 3             # retries after the first attempt
      #backoff: "exponential"   # fixed, exponential, custom
      #backoff_base: 10
      #backoff_max: 3600
      #intervals: [10, 60, 300] # for custom

# How much runs at once, and how fast it starts, on all servers.
#limits:
  #- type: "email.send"
    #per_key: true              # each limitKey by itself
    #concurrency: 10
    #rate:
      #count: 100               # starts
      #per_ms: 60000
      #burst: 10                # at once, when none started for a while
  #- key: "customer-7"
    #concurrency: 1

scheduler:
  enabled: true
  #poll_interval: 5             # has no effect: jobs start when they are due
  #scope: "default"             # give each file on one store its own
  #cron_entries:
    #- id: "cleanup-daily"
      #name: "Daily cleanup"    # has no effect: the id counts
      #cron_expr: "0 2 * * *"   # 5 fields, or 6 with the second first
      #timezone: "Europe/Berlin"
      #job_type: "cleanup"
      #queue: "default"
      #payload: '{"days": 30}'  # JSON
      #timeout: 600
      #max_retry: 3
      #overlap_policy: "skip"   # skip, allow, replace, queue_one
      #enabled: true

monitoring:
  auth:
    enabled: false              # 'gqm set-password' switches it on
    #session_ttl: 86400
    #users:
      #- username: "admin"
        #password_hash: "\$2b\$10\$..." # 'gqm set-password admin' writes it
        #role: "admin"          # viewer, operator, admin
        #queues: ["default"]    # the only ones that they see
  api:
    enabled: false
    addr: "127.0.0.1:8080"      # ":8080": all addresses; then somebody has to log in
    #rate_limit: 100            # requests per second and client; -1 for no limit
    #trust_proxy: false         # true, or how many proxies are in front
    #cookie_secure: false       # true: cookies for TLS alone
    #cors_origins: ["https://app.example.com"]
    #strict_health: false       # true: /health answers 503 when the store is away
    #metrics:                   # false for none
      #open: false              # true: without a key
    #live:
      #max_viewers: 2000
      #max_viewers_per_client: 200
    #api_keys:
      #- name: "grafana"
        #key: "sha256:..."      # 'gqm add-api-key grafana' writes it
        #role: "viewer"         # viewer, operator, admin, producer
        #queues: ["default"]
        #types: ["email.send"]  # the only ones that it may enqueue
  dashboard:
    enabled: false              # true serves the API too
    #path_prefix: "/dashboard"
    #custom_dir: "./my-dashboard"
  # true: one rule of each kind
  #alerts:
    #every_ms: 15000
    #max_deliveries: 5
    #rules:
      #- when: "queue_stalled"
        #queue: "default"
        #for_ms: 300000
        #resolve_ms: 60000
      #- when: "oldest_age"
        #name: "mail-waits"
        #type: "email.send"
        #above_ms: 60000
      #- when: "failure_rate"
        #above: 0.5
        #over_ms: 300000
        #min_count: 20
      #- when: "dead_server"
        #keep_ms: 600000
    #webhooks:
      #- url: "https://alerts.example.com/gqm"
        #name: "on-call"
        #headers:
          #x-team: "jobs"
        #secret: "\${WEBHOOK_SECRET}" # signs what is sent
        #events: ["firing", "resolved"]
        #timeout_ms: 10000
        #max_retry: 8
        #backoff:
          #type: "exponential"
          #base_ms: 5000
          #max_ms: 3600000
          #exponent: 4          # of polynomial
          #intervals: [5000]    # of custom
          #jitter: 0.2
        #allow_http: false
  #redact:
    #- path: "**.password"
      #except: ["admin"]        # who sees it all the same
      #types: ["user.create"]   # only in jobs of these types
`;
