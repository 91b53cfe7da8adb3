import { readFile } from 'node:fs/promises';
import * as z from 'zod';

const variables = z.array(z.looseObject({ name: z.string() }));
const flowNode = z.looseObject({ id: z.string(), type: z.string(), z: z.string().optional() });
export type FlowNode = z.infer<typeof flowNode>;

/** The nodes of one of the project's flow files. */
export async function readFlows(file: string): Promise<FlowNode[]> {
  return z.array(flowNode).parse(JSON.parse(await readFile(file, 'utf8')));
}

/** The flows as a user sets them up: the broker's address and version of MQTT, and the tab's environment variables. */
export function setUp(
  flows: FlowNode[],
  brokerUrl: string,
  { env = {}, protocolVersion }: { env?: Record<string, string>; protocolVersion?: '4' | '5' } = {},
): FlowNode[] {
  const { hostname, port } = new URL(brokerUrl);
  const set = Object.entries(env).map(([name, value]) => ({ name, value, type: 'str' }));
  return flows.map((node) => {
    if (node.type === 'mqtt-broker')
      return { ...node, broker: hostname, port, ...(protocolVersion && { protocolVersion }) };
    if (node.type === 'tab') {
      const kept = variables.parse(node.env).filter(({ name }) => !Object.hasOwn(env, name));
      return { ...node, env: [...kept, ...set] };
    }
    return node;
  });
}
