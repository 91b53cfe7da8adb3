import type { Components, Document, Frame } from './device-document.ts';
import { formerDocument } from './documents.ts';
import { deviceId, entityIdPrefix, type Subject, subjectOf, uniqueId } from './ids.ts';

/** The parts of a document that matter here. */
interface Content {
  device: object;
  components: Record<string, object>;
}

/**
 * A document with components that are only to go: Home Assistant finds them in its registry by their ids, and removes
 * them when they go again. `wanted` is what the device has beside them; `null`: it is to go itself.
 */
export function removalDocument(
  frame: Frame,
  topic: string,
  lost: Components,
  wanted: Document | null,
): Document {
  const subject: Subject = subjectOf(frame.instance, topic) ?? { kind: 'bridge' };
  const former = formerDocument(frame, subject, Object.keys(lost));
  return {
    topic,
    components: { ...lost, ...wanted?.components },
    payload: (linked) => {
      const old: Content = JSON.parse(former.payload(linked));
      const present: Content = wanted ? JSON.parse(wanted.payload(linked)) : { ...old, components: {} };
      const removed = Object.entries(lost).map(([key, platform]) => {
        const known = former.components[key] === platform ? old.components[key] : undefined;
        return [key, known ?? bareComponent(frame, subject, key, platform)];
      });
      return JSON.stringify({
        ...present,
        components: { ...Object.fromEntries(removed), ...present.components },
      });
    },
  };
}

/** A component of an earlier version, with as much as any platform demands; what one doesn't know it ignores. */
function bareComponent(frame: Frame, subject: Subject, key: string, platform: string): object {
  const silent = `${frame.base}/gone`;
  if (platform === 'device_automation')
    return { platform, automation_type: 'trigger', topic: silent, type: key, subtype: key };
  return {
    platform,
    unique_id: uniqueId(deviceId(frame.instance, subject), key),
    default_entity_id: `${platform}.${entityIdPrefix(frame.base, subject)}_${key}`,
    ...{ state_topic: silent, command_topic: silent, event_types: ['none'] },
  };
}
