import { pidNamespace } from '../host/pid-namespace.ts';
import type { ProcessFiles } from './files.ts';

/** Another wrapper has the claim: nothing was run. */
export const CLAIM_TAKEN = 75;

/**
 * The shell script around a command, once IDENTITY has said who runs it. It is handed over as text, so that an upgrade
 * never changes one that runs, and uses only what the shell has built in, but for mkfifo, since it stands between an
 * event and its plotter.
 *
 * Its words: the files' common path, the snippet, oom_score_adj or nothing, the umask for the command, the PID namespace
 * (which this program knows, and a shell would have to ask for), then the command's own words.
 *
 * - Its output goes to a file from the start: a pipe to this program would kill the command (SIGPIPE) after a restart.
 * - The FIFO is open before the claim can be seen: whoever has read the claim may rely on it. The command doesn't
 *   inherit it. Where the file system has no FIFOs, it goes without.
 * - The claim is created exclusively, or nothing is run. One that couldn't be written (full disk) is taken back; one
 *   that was declared void meanwhile, as abandoned (see claim.ts), is read as such.
 * - Claim and exit status have how long the host has been up (proc(5)), which the clock's setting doesn't change.
 * - Blanks in the exit status's place mean: from here on a signal to the group ends the command.
 * - The exit status overwrites these blanks, of its own length: that needs no new block, so it gets through
 *   on a full disk too (but for file systems that copy on write: there it tries for five minutes).
 * - The score for the out-of-memory killer is the command's: the wrapper, which can tell of its end, goes last.
 */
export const COMMAND = `p2m_f=$1 p2m_run=$2 p2m_oom=$3 p2m_mask=$4 p2m_ns=$5
shift 5
p2m_uptime() { p2m_up=; [ -r /proc/uptime ] && read -r p2m_up p2m_idle </proc/uptime; }
umask 077
exec >>"$p2m_f.log" 2>&1
[ -p "$p2m_f.alive" ] || mkfifo "$p2m_f.alive" 2>/dev/null
[ -p "$p2m_f.alive" ] && exec 9<>"$p2m_f.alive"
set -C
{ command exec 8>"$p2m_f.claim"; } 2>/dev/null || exit ${CLAIM_TAKEN}
set +C
p2m_uptime
p2m_claim="$$ $p2m_id \${PLOT2MQTT_WORKER-} ns=$p2m_ns up=$p2m_up"
printf '%s\\n' "$p2m_claim" >&8 || { rm -f "$p2m_f.claim"; exit 74; }
exec 8>&-
IFS= read -r p2m_read <"$p2m_f.claim"
[ "$p2m_read" = "$p2m_claim" ] || exit ${CLAIM_TAKEN}
(
{ printf '%21s\\n' '' >"$p2m_f.exit"; } 2>/dev/null
exec 9>&-
umask "$p2m_mask"
[ -z "$p2m_oom" ] || { echo "$p2m_oom" >/proc/self/oom_score_adj; } 2>/dev/null
exec /bin/sh -c "$p2m_run" sh "$@"
)
p2m_code=$?
p2m_uptime
p2m_try=0
until { printf '%-4s %-16s\\n' "$p2m_code" "$p2m_up" 1<>"$p2m_f.exit"; } 2>/dev/null; do
p2m_try=$((p2m_try + 1))
[ "$p2m_try" -le 60 ] && sleep 5 || break
done`;

/**
 * Who the wrapper is: its time of start and the boot of the host, as src/host/process-identity.ts has them. A signal
 * to the group ends the command; the wrapper, which only notes it, lives to write the exit status.
 */
export const IDENTITY = `trap : TERM INT HUP
p2m_proc() { p2m_id=$p2m_boot:\${20}; }
p2m_ps() { IFS=_; p2m_id=epoch:"$*"; unset IFS; }
if [ -r /proc/self/stat ]; then
read -r p2m_boot </proc/sys/kernel/random/boot_id
read -r p2m_stat </proc/$$/stat
p2m_proc \${p2m_stat##*) }
else
p2m_ps $(LC_ALL=C TZ=UTC ps -o lstart= -p $$)
fi`;

/** The common path of the files is what the script appends their endings to. */
const ENDING = /\.claim$/;

export interface WrappedCommand {
  files: ProcessFiles;
  /** What the shell runs; it gets the words as `"$@"`. */
  snippet: string;
  words: readonly string[];
  /** The CPUs on which it may run; all where there are none. */
  cpus?: readonly number[];
  /** Niceness, -20 to 19, added to this program's own. */
  nice?: number;
  /** -1000 to 1000: how readily the kernel takes the command when memory runs out (proc(5)). */
  oomScoreAdj?: number;
}

/** What to execute: the wrapper, tied to its CPUs and made nice itself, so that its whole group is. */
export function wrapperCommand(command: WrappedCommand): { file: string; words: string[] } {
  const { cpus = [], nice = 0 } = command;
  const [file = '/bin/sh', ...rest] = [
    ...(cpus.length > 0 ? ['taskset', '-c', cpus.join(',')] : []),
    ...(nice !== 0 ? ['nice', '-n', String(nice)] : []),
    '/bin/sh',
    '-c',
    `${IDENTITY}\n${COMMAND}`,
    'plot2mqtt',
  ];
  return { file, words: [...rest, ...wordsOf(command)] };
}

/** The words of COMMAND: see there. */
export function wordsOf({ files, snippet, words, oomScoreAdj }: WrappedCommand): string[] {
  const score = oomScoreAdj === undefined ? '' : String(oomScoreAdj);
  return [files.claim.replace(ENDING, ''), snippet, score, ownUmask(), pidNamespace() ?? '', ...words];
}

let knownUmask: string | undefined;

/** Read once: asking for it sets it for a moment, which other threads could see. */
function ownUmask(): string {
  knownUmask ??= `0${process.umask().toString(8)}`;
  return knownUmask;
}
