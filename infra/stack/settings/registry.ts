/** Small: a lab has one subject and a handful of clients. */
export const registryJvmFlags: readonly string[] = ['-Xms64m', '-Xmx256m', '-XX:TieredStopAtLevel=1', '-Xss512k'];

/**
 * What Apicurio is set to, whatever runs it: system properties here, variables of the same names in a container.
 * @param databaseFile of H2, without its ending.
 */
export function registryProperties(databaseFile: string): Readonly<Record<string, string | number>> {
  return {
    'apicurio.datasource.jdbc.initial-size': 2,
    'apicurio.datasource.jdbc.min-size': 2,
    'apicurio.datasource.jdbc.max-size': 8,
    // Without WRITE_DELAY=0 a schema registered half a second before a SIGKILL is gone, and records carry its id.
    'apicurio.datasource.url': `jdbc:h2:file:${databaseFile};WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE`,
  };
}

/** The global level; a fresh registry has NONE and would accept what breaks its readers. */
export const registryCompatibility = 'BACKWARD';
