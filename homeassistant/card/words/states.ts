/** States of ours in words, in English and German. */
export const STATES = {
  // A worker's status.
  idle: ['idle', 'frei'],
  pre_process: ['pre-command', 'Vorbereitung'],
  plotting: ['plotting', 'plottet'],
  paused: ['paused', 'angehalten'],
  post_process: ['post-command', 'Nachbereitung'],
  cleanup: ['cleaning up', 'räumt auf'],
  failed: ['failed', 'fehlgeschlagen'],
  // A job's state.
  blocked: ['blocked', 'blockiert'],
  running: ['running', 'läuft'],
  done: ['done', 'fertig'],
  disabled: ['starts by hand only', 'startet nur von Hand'],
  // A move's.
  moving: ['moving', 'unterwegs'],
  waiting: ['waiting', 'wartet'],
  // A disk’s.
  missing: ['missing', 'fehlt'],
  not_mounted: ['not mounted', 'nicht eingehängt'],
  read_only: ['read-only', 'nur lesbar'],
  not_answering: ['does not answer', 'antwortet nicht'],
  // What a job waits for.
  waiting_enabled: ['It starts by hand only', 'Startet nur von Hand'],
  waiting_failing: ['Too many failures: look after it', 'Zu viele Fehlschläge: bitte nachsehen'],
  waiting_paused: ['Paused', 'Angehalten'],
  waiting_max_workers: ['All its workers run', 'Alle seine Worker laufen'],
  waiting_plots_to_do: ['All its plots are made or in work', 'Alle seine Plots sind fertig oder in Arbeit'],
  waiting_farm: [
    'The farm has all the workers it may have',
    'Die Farm hat so viele Worker, wie sie haben darf',
  ],
  waiting_limit: ['A limit is reached', 'Ein Limit ist erreicht'],
  waiting_missing_argument: ['An argument is missing', 'Ein Argument fehlt'],
  waiting_missing_directory: ['A directory is missing', 'Ein Verzeichnis fehlt'],
  waiting_disk: ['A disk has all the work it may have', 'Eine Platte hat so viel Arbeit, wie sie haben darf'],
  waiting_temp_full: ['No room for temporary files', 'Kein Platz für temporäre Dateien'],
  waiting_dest_full: ['No room for a plot', 'Kein Platz für einen Plot'],
  waiting_delay: ['The next worker starts later', 'Der nächste Worker startet später'],
  waiting_event: ['Waits for an event', 'Wartet auf ein Ereignis'],
  waiting_nothing: ['Nothing starts it by itself', 'Nichts startet ihn von selbst'],
} as const;
