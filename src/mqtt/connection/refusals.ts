import { codeOf, messageOf } from '../../util/errors.ts';

/** Why a connection failed: `kind` tells repeats of the same failure, `text` is for the log. */
export interface Refusal {
  kind: string;
  text: string;
  /** The broker doesn't speak the version of MQTT that was asked for, or may not. */
  version: 'refused' | 'maybe' | 'fine';
  /** Nobody is there, or not yet; else somebody is, who doesn't let us in as we come. */
  away: boolean;
}

/** Codes of CONNACK and DISCONNECT: of 3.1.1 (section 3.2.2.3) below 128, of MQTT 5 (section 2.4) from there on. */
const REASON_TEXTS: Record<number, string> = {
  1: 'it does not speak this version of MQTT',
  2: 'it does not take our client id',
  3: 'it is not available',
  4: 'wrong user or password (mqtt.username, mqtt.password)',
  5: 'this user may not connect (mqtt.username, mqtt.password)',
  128: 'it gives no reason',
  129: 'it could not read our packet',
  130: 'it reports a protocol error',
  132: 'it does not speak this version of MQTT',
  133: 'it does not take our client id',
  134: 'wrong user or password (mqtt.username, mqtt.password)',
  135: 'this user may not connect (mqtt.username, mqtt.password)',
  136: 'it is not available',
  137: 'it is busy',
  138: 'it has banned this client',
  139: 'it is shutting down',
  140: 'it wants another way of authentication',
  141: 'it has heard nothing from us for too long',
  142: 'another client has come with our client id',
  144: 'it does not take our last will’s topic',
  147: 'we sent more at once than it takes',
  149: 'our packet is too large for it',
  151: 'a quota is used up',
  152: 'its administrator has ended it',
  153: 'it does not take our last will’s payload',
  154: 'it keeps no retained messages',
  155: 'it does not take our last will’s QoS',
  156: 'it wants us to use another server',
  157: 'it has moved to another server',
  159: 'too many connections at once',
};

const SYSTEM_TEXTS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  CERT_HAS_EXPIRED: 'the broker’s certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the broker’s certificate is self-signed (mqtt.ca)',
  SELF_SIGNED_CERT_IN_CHAIN: 'the broker’s certificate comes from an unknown authority (mqtt.ca)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the broker’s certificate comes from an unknown authority (mqtt.ca)',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the broker’s certificate comes from an unknown authority (mqtt.ca)',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the broker’s certificate is for another host name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there',
  EPROTO: 'TLS failed',
};

/** What says that nobody is there. */
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
]);

const VERSION_CODES = new Set([1, 132]);
/** What old brokers answer, or seem to answer, to a version that they don't know. */
const DOUBTFUL_CODES = new Set([128, 129, 130]);

function numericCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'number' ? error.code : undefined;
}

/** Puts a failed attempt to connect into words. `error` is `undefined` where the broker just closed. */
export function refusalOf(error: unknown): Refusal {
  if (error === undefined)
    return {
      kind: 'closed',
      text: 'it closed the connection before it answered',
      version: 'maybe',
      away: true,
    };
  const reason = numericCode(error);
  if (reason !== undefined) {
    const text = `it refuses: ${REASON_TEXTS[reason] ?? `reason code ${reason}`}`;
    const version = VERSION_CODES.has(reason) ? 'refused' : DOUBTFUL_CODES.has(reason) ? 'maybe' : 'fine';
    return { kind: `code ${reason}`, text, version, away: false };
  }
  const code = codeOf(error);
  const message = messageOf(error);
  if (code !== undefined) {
    const reset = code === 'ECONNRESET' || code === 'EPIPE';
    const text = SYSTEM_TEXTS[code] ?? message;
    return { kind: code, text, version: reset ? 'maybe' : 'fine', away: AWAY_CODES.has(code) };
  }
  if (message === 'connack timeout') return { kind: message, text: 'no answer', version: 'fine', away: true };
  // Such as a proxy's word that what it stands for is away.
  return { kind: message, text: message, version: 'maybe', away: true };
}
