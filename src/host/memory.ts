import { OSUtils } from 'node-os-utils';

/**
 * What node-os-utils knows of memory. In a file of its own: the package is CommonJS, whose names a bundle only finds
 * by a static import, and only this file is loaded late.
 */
export const memory = new OSUtils({ cacheEnabled: false }).memory;
