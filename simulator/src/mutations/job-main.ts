// Entry of a bundle: a process that runs the seeds it is sent.
import { serveSeeds } from '../job.ts';

serveSeeds();
