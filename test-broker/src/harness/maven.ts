// Kafka's jars from Maven, into a cache folder that git ignores.
import { execFile } from 'node:child_process';
import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TargetError } from './target.ts';

const run = promisify(execFile);
const DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.10.0';

/** Kafka's command-line tools are an artifact of their own, which not every release has. */
export function hasTools(version: string): boolean {
  return version !== '4.4.0';
}

const dependency = (group: string, artifact: string, version: string, inside = ''): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${inside}</dependency>`;

const withoutToolsApi =
  '<exclusions><exclusion><groupId>org.apache.kafka</groupId><artifactId>kafka-tools-api</artifactId></exclusion></exclusions>';

// reload4j instead of a logging framework that reads no plain properties file.
function pom(version: string): string {
  const tools = hasTools(version);
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local.test</groupId><artifactId>kafka-jars</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${dependency('org.apache.kafka', 'kafka_2.13', version, tools ? '' : withoutToolsApi)}
    ${tools ? dependency('org.apache.kafka', 'kafka-tools', version) : ''}
    ${dependency('org.slf4j', 'slf4j-reload4j', '1.7.36')}
  </dependencies>
</project>
`;
}

const LOG4J = `log4j.rootLogger=INFO, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=[%d] %p %m (%c)%n
`;

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Are the jars of this release there already? */
export async function hasKafka(folder: string): Promise<boolean> {
  return exists(join(folder, 'lib'));
}

/** Is `command` on this machine's path? */
export async function hasCommand(command: string, versionFlag: string): Promise<boolean> {
  return run(command, [versionFlag]).then(
    () => true,
    () => false,
  );
}

/** Downloads a release into `folder` unless it is there; safe against being cut off in the middle. */
export async function installKafka(version: string, folder: string): Promise<void> {
  if (await hasKafka(folder)) return;
  const partial = join(folder, `lib.partial-${process.pid}`);
  await mkdir(partial, { recursive: true });
  await writeFile(join(folder, 'pom.xml'), pom(version));
  await maven(folder, partial, version);
  await writeLogging(folder);
  await rename(partial, join(folder, 'lib')).catch(() => rm(partial, { recursive: true }));
}

async function maven(folder: string, output: string, version: string): Promise<void> {
  const goal = `${DEPENDENCY_PLUGIN}:copy-dependencies`;
  const args = [
    '-q',
    '-B',
    '-f',
    join(folder, 'pom.xml'),
    '-DincludeScope=runtime',
    `-DoutputDirectory=${output}`,
    goal,
  ];
  await run('mvn', args, { maxBuffer: 64 * 1024 * 1024 }).catch((cause: Error) => {
    throw new TargetError(`Maven could not fetch Kafka ${version}: ${cause.message}`, { cause });
  });
}

// The logging configuration lies in a jar: a folder on the class path would rule out the class-data archive.
async function writeLogging(folder: string): Promise<void> {
  await writeFile(join(folder, 'log4j.properties'), LOG4J);
  await run('jar', ['cf', 'conf.jar', 'log4j.properties'], { cwd: folder });
}

/** The jar that has Kafka's message definitions. */
export function clientsJar(folder: string, version: string): string {
  return join(folder, 'lib', `kafka-clients-${version}.jar`);
}

/** The class path relative to `folder`; always the same text, which the class-data archive depends on. */
export async function classPath(folder: string): Promise<string> {
  const jars = (await readdir(join(folder, 'lib'))).filter((name) => name.endsWith('.jar')).sort();
  return ['conf.jar', ...jars.map((name) => `lib/${name}`)].join(':');
}
