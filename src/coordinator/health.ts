/** The standard health service. */
import type { Server } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { CHAIN_SERVICE_NAME, WORKER_SERVICE_NAME } from '../wire/services.js';

/** Services it tells of; '' is the server as a whole. */
const NAMES = ['', WORKER_SERVICE_NAME, CHAIN_SERVICE_NAME];

export class Health {
  readonly #health = new HealthImplementation();

  addToServer(server: Server): void {
    this.#health.addToServer(server);
    this.#set('SERVING');
  }

  end(): void {
    this.#set('NOT_SERVING');
  }

  #set(status: 'SERVING' | 'NOT_SERVING'): void {
    for (const name of NAMES) this.#health.setStatus(name, status);
  }
}
