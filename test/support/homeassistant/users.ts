import type { HomeAssistant } from './home.ts';
import { command, rest } from './api.ts';

/** Somebody who may use Home Assistant, and is no administrator; answers a token. */
export async function plainUser(home: HomeAssistant): Promise<string> {
  const { url } = home;
  const [username, password] = ['guest', 'not-a-secret-either'];
  const { user } = await home.command<{ user: { id: string } }>('config/auth/create', {
    ...{ name: 'Guest', group_ids: ['system-users'], local_only: false },
  });
  await home.command('config/auth_provider/homeassistant/create', { user_id: user.id, username, password });
  const client_id = `${url}/`;
  const flow = await rest<{ flow_id: string }>({ url }, '/auth/login_flow', {
    ...{ client_id, handler: ['homeassistant', null], redirect_uri: client_id },
  });
  const { result: code } = await rest<{ result: string }>({ url }, `/auth/login_flow/${flow.flow_id}`, {
    ...{ client_id, username, password },
  });
  const login = new URLSearchParams({ grant_type: 'authorization_code', code, client_id });
  const { access_token: token } = await rest<{ access_token: string }>({ url }, '/auth/token', login);
  return command<string>({ url, token }, 'auth/long_lived_access_token', {
    ...{ client_name: 'tests', lifespan: 1 },
  });
}
