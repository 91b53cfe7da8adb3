import { existsSync, realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';

/** What a unit is made of. */
export interface ServiceFacts {
  user: string;
  node: string;
  program: string;
  config: string;
}

/** The facts of this machine and account. */
export function serviceFacts(config: string): ServiceFacts {
  const program = process.argv[1] ?? 'plot2mqtt';
  return {
    user: userInfo().username,
    node: process.execPath,
    program: existsSync(program) ? realpathSync(program) : program,
    config: resolve(config),
  };
}

/** A word in a unit's ExecStart=, whatever is in it (systemd.service(5), "Command lines"). */
function quoted(word: string): string {
  const escaped = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w./@:%$+-]+$/.test(escaped) ? escaped : `"${escaped.replaceAll(/["\\]/g, '\\$&')}"`;
}

/**
 * The systemd unit for these facts. Plotters outlive restarts, upgrades, crashes and stops under it: with
 * KillMode=process systemd ends the daemon alone.
 */
export function serviceUnit({ user, node, program, config }: ServiceFacts): string {
  return `# plot2mqtt as a systemd service. Put it in place with:
#   plot2mqtt service print | sudo tee /etc/systemd/system/plot2mqtt.service
#   sudo systemctl daemon-reload && sudo systemctl enable --now plot2mqtt
# At each restart while plots are being made, the journal says "Unit process … remains running after unit stopped" and
# "Found left-over process …": both are right, these are the plotters, and the daemon finds them again.
[Unit]
Description=plot2mqtt, a plotting manager with MQTT
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=5min
StartLimitBurst=10

[Service]
# The account to which plotters, keys and disks belong.
User=${user}
# While data_dir is full, read-only or not mounted yet, the start waits, and says so in its status.
Type=notify
# systemd-notify speaks for the daemon.
NotifyAccess=all
WorkingDirectory=${dirname(config).replaceAll('%', '%%')}
ExecStart=${[node, program, 'run', '--config', config].map(quoted).join(' ')}
ExecReload=/bin/kill -HUP $MAINPID
# The daemon alone is stopped: its plotters go on.
KillMode=process
Restart=on-failure
RestartSec=5s
# An invalid configuration stays invalid.
RestartPreventExitStatus=2 3
TimeoutStopSec=30s
# A daemon that hangs is restarted; its plotters go on.
WatchdogSec=60s
# A plotter that the kernel kills for want of memory doesn't stop the daemon.
OOMPolicy=continue
# /var/lib/plot2mqtt, the data_dir where config.yaml names none.
StateDirectory=plot2mqtt
StateDirectoryMode=0700
UMask=0027

# What stands here is inherited by plotters, pre- and post-commands: only what can't break them.
ProtectSystem=full
ProtectControlGroups=yes
# Where no command needs sudo:
#NoNewPrivileges=yes

[Install]
WantedBy=multi-user.target
`;
}
