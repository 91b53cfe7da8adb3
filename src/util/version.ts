/** The program's version, put in by the build. */
export const VERSION = process.env.PLOT2MQTT_VERSION ?? '0.0.0-source';
