import type { HomeAssistant, RegistryDevice, RegistryEntity } from '../homeassistant.ts';
import { type Daemon, daemonsOf } from './farm.ts';

/** Of one state of Home Assistant's registries. */
let known: { entities: object; devices: object; daemons: Promise<Daemon[]> } | undefined;

/**
 * The daemons that Home Assistant knows; asked for once for all cards, and again when its registries have changed.
 * Neither question needs an administrator.
 */
export function daemonsIn(hass: HomeAssistant): Promise<Daemon[]> {
  if (known?.entities === hass.entities && known.devices === hass.devices) return known.daemons;
  const daemons = ask(hass);
  known = { entities: hass.entities, devices: hass.devices, daemons };
  // What has failed is asked again next time.
  daemons.catch(() => {
    if (known?.daemons === daemons) known = undefined;
  });
  return daemons;
}

async function ask(hass: HomeAssistant): Promise<Daemon[]> {
  const [entities, devices] = await Promise.all([
    hass.callWS<RegistryEntity[]>({ type: 'config/entity_registry/list' }),
    hass.callWS<RegistryDevice[]>({ type: 'config/device_registry/list' }),
  ]);
  return daemonsOf(entities, devices);
}
