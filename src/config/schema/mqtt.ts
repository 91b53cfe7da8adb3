import * as z from 'zod';
import { durationSchema } from '../../contract/names.ts';

/** The base topic of a daemon whose configuration says none. */
export const DEFAULT_BASE_TOPIC = 'plot2mqtt';

const SCHEMES = ['mqtt:', 'mqtts:', 'ws:', 'wss:'] as const;

/** What is wrong with a topic that others are built on, if anything (MQTT 5, section 4.7). */
export function topicProblem(topic: string): string | undefined {
  if (topic === '') return 'must not be empty';
  if (/[+#]/.test(topic)) return 'expected a topic without the wildcards "+" and "#"';
  if (topic.startsWith('/') || topic.endsWith('/'))
    return 'expected a topic without a slash at its start or end';
  if (topic.startsWith('$'))
    return 'expected a topic that does not start with "$", which is the broker\'s own';
  if (/\p{Cc}/u.test(topic)) return 'expected a topic without control characters';
  if (topic.length > 200) return 'expected a topic of at most 200 characters';
  return undefined;
}

const topicSchema = z.string().superRefine((topic, check) => {
  const message = topicProblem(topic);
  if (message !== undefined) check.addIssue({ code: 'custom', message });
});

export const topicSetting = (description: string) => topicSchema.meta({ description });

export interface ListenAddress {
  host: string;
  port: number;
}

/** `host:port`, the host an IPv6 address in brackets too; `undefined` where the text is neither. */
export function parseListen(text: string): ListenAddress | undefined {
  const [, v6, name, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = v6 ?? name;
  if (host === undefined || Number(port) > 65_535) return undefined;
  return { host, port: Number(port) };
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

const listenSchema = z
  .string()
  .refine((text) => parseListen(text) !== undefined, {
    error: 'expected host:port, such as 127.0.0.1:1883',
    abort: true,
  })
  .transform((text) => parseListen(text) ?? { host: '127.0.0.1', port: 1883 })
  .meta({
    description: 'host:port on which the embedded broker listens; beyond loopback it requires users.',
  });

const fileSchema = (what: string) =>
  z
    .string()
    .min(1)
    .meta({ description: `${what}: a file, relative to config.yaml.` })
    .optional();

interface KeyPair {
  cert?: string | undefined;
  key?: string | undefined;
}

/** A certificate is of no use without its key, nor the key without it. */
function checkPair(pair: KeyPair, addIssue: (path: string, message: string) => void): void {
  if (pair.cert !== undefined && pair.key === undefined) addIssue('cert', '"cert" needs "key" beside it');
  if (pair.key !== undefined && pair.cert === undefined) addIssue('key', '"key" needs "cert" beside it');
}

const tlsSchema = z
  .strictObject({ cert: fileSchema("The server's certificate"), key: fileSchema("The server's key") })
  .superRefine((tls, check) =>
    checkPair(tls, (path, message) => check.addIssue({ code: 'custom', path: [path], message })),
  );

const embeddedSchema = z
  .strictObject({
    listen: listenSchema.prefault('127.0.0.1:1883'),
    users: z
      .record(z.string().min(1), z.string().min(1))
      .default({})
      .meta({ description: 'Who may connect: name: password. Empty: anyone, on loopback only.' }),
    tls: tlsSchema.default({}).meta({ description: 'Certificate and key; empty: no TLS.' }),
  })
  .superRefine((embedded, check) => {
    if (isLoopback(embedded.listen.host) || Object.keys(embedded.users).length > 0) return;
    check.addIssue({
      code: 'custom',
      path: ['listen'],
      message: 'an address that other machines can reach requires users: set mqtt.embedded.users',
    });
  });

/** What is wrong with the URL of a broker, if anything. Never quotes it: it may hold a password. */
function brokerProblem(broker: string): string | undefined {
  const url = URL.canParse(broker) ? new URL(broker) : undefined;
  if (url === undefined || !SCHEMES.some((scheme) => scheme === url.protocol) || url.hostname === '')
    return 'expected embedded, or mqtt://, mqtts://, ws:// or wss:// and host:port';
  if (url.username !== '' || url.password !== '')
    return 'user and password do not belong in the address: set mqtt.username and mqtt.password';
  return undefined;
}

const brokerSchema = z.string().superRefine((broker, check) => {
  const message = broker === 'embedded' ? undefined : brokerProblem(broker);
  if (message !== undefined) check.addIssue({ code: 'custom', message });
});

export const mqttSchema = z
  .strictObject({
    broker: brokerSchema.default('embedded').meta({
      description: 'embedded, or the address of a broker: mqtt://, mqtts://, ws://, wss:// host:port.',
    }),
    embedded: embeddedSchema
      .prefault({})
      .meta({ description: 'Settings of the embedded broker; only with "broker: embedded".' }),
    base_topic: topicSetting('The topic that all others are below.').default(DEFAULT_BASE_TOPIC),
    username: z.string().min(1).optional().meta({ description: 'User name at an external broker.' }),
    password: z.string().optional().meta({ description: 'Password at an external broker.' }),
    ca: fileSchema('The certificate authority of an external broker'),
    cert: fileSchema('Client certificate for an external broker'),
    key: fileSchema("The client certificate's key"),
    version: z
      .union([z.literal('auto'), z.literal(5), z.literal(4)])
      .default('auto')
      .meta({ description: 'MQTT version: auto (5, else 4), 5, or 4 (3.1.1).' }),
    progress_interval: durationSchema.default(1).meta({
      description:
        'Least time between two messages of mere progress, per worker (default 1s); 0: as it comes.',
    }),
  })
  .superRefine((mqtt, check) => {
    checkPair(mqtt, (path, message) => check.addIssue({ code: 'custom', path: [path], message }));
    if (mqtt.password !== undefined && mqtt.username === undefined)
      check.addIssue({
        code: 'custom',
        path: ['password'],
        message: '"password" needs "username" beside it',
      });
  });
export type MqttSettings = z.infer<typeof mqttSchema>;
