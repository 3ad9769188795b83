# What librdkafka is made to say for `pnpm fixtures`: python fixture-librdkafka.py HOST:PORT [USER PASSWORD]
import sys
import time

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition, TopicCollection, IsolationLevel
from confluent_kafka import KafkaException
from confluent_kafka.admin import (AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient,
                                   AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic, OffsetSpec,
                                   ResourcePatternType, ResourceType, ScramCredentialInfo, ScramMechanism,
                                   UserScramCredentialUpsertion)

common = {"bootstrap.servers": sys.argv[1], "client.id": "librdkafka", "log_level": 0}
topic = "librdkafka"
if len(sys.argv) > 2:
    topic = "librdkafka-sasl"
    common.update({"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN",
                   "sasl.username": sys.argv[2], "sasl.password": sys.argv[3]})


def maybe(what, ask):
    """What a broker does not have is left out."""
    try:
        answer = ask()
        for future in answer.values() if isinstance(answer, dict) else [answer]:
            if hasattr(future, "result"):
                future.result(timeout=10)
    except Exception as error:
        print("  librdkafka: %s: %s" % (what, error), file=sys.stderr)


admin = AdminClient(common)
admin.create_topics([NewTopic(topic, 2, 1)])[topic].result(timeout=10)
for codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
    producer = Producer({**common, "enable.idempotence": codec != "none", "compression.type": codec, "linger.ms": 50})
    for i in range(10):
        producer.produce(topic, key="k%d" % i, value=b"value " * 4, headers=[("h", b"x"), ("n", None)])
    producer.flush(10)


def consume(group, count, **options):
    consumer = Consumer({**common, "group.id": group, "auto.offset.reset": "earliest", "fetch.wait.max.ms": 100,
                         "enable.auto.commit": False, **options})
    consumer.subscribe([topic])
    read = 0
    until = time.time() + 15
    while read < count and time.time() < until:
        message = consumer.poll(0.5)
        if message and message.error():
            raise KafkaException(message.error())
        read += 1 if message else 0
    time.sleep(0.5)
    consumer.commit(asynchronous=False)
    consumer.committed([TopicPartition(topic, 0), TopicPartition(topic, 1)], timeout=10)
    consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10)
    consumer.offsets_for_times([TopicPartition(topic, 0, 0)], timeout=10)
    consumer.close()


maybe("a classic group", lambda: consume(topic + "-group", 50, **{"heartbeat.interval.ms": 200}))
maybe("a static member", lambda: consume(topic + "-static", 5, **{"group.instance.id": "one", "session.timeout.ms": 6000}))
if len(sys.argv) == 2:
    maybe("a KIP-848 group", lambda: consume(topic + "-848", 5, **{"group.protocol": "consumer"}))

maybe("metadata", lambda: admin.list_topics(timeout=10))
maybe("list_groups", lambda: admin.list_groups(timeout=10))
maybe("list_consumer_groups", lambda: admin.list_consumer_groups())
maybe("describe_consumer_groups", lambda: admin.describe_consumer_groups([topic + "-group"]))
maybe("describe_cluster", lambda: admin.describe_cluster(include_authorized_operations=True))
maybe("describe_topics", lambda: admin.describe_topics(TopicCollection([topic])))
maybe("list_offsets", lambda: admin.list_offsets({TopicPartition(topic, 0): OffsetSpec.latest()},
                                                 isolation_level=IsolationLevel.READ_COMMITTED))
maybe("list_consumer_group_offsets",
      lambda: admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(topic + "-group")]))
maybe("alter_consumer_group_offsets", lambda: admin.alter_consumer_group_offsets(
    [ConsumerGroupTopicPartitions(topic + "-group", [TopicPartition(topic, 0, 1)])]))
maybe("create_partitions", lambda: admin.create_partitions([NewPartitions(topic, 3)]))
resource = ConfigResource(ResourceType.TOPIC, topic)
maybe("incremental_alter_configs", lambda: admin.incremental_alter_configs([ConfigResource(
    ResourceType.TOPIC, topic,
    incremental_configs=[ConfigEntry("retention.ms", "1000000", incremental_operation=AlterConfigOpType.SET)])]))
maybe("alter_configs", lambda: admin.alter_configs([ConfigResource(ResourceType.TOPIC, topic,
                                                                   set_config={"retention.ms": "2000000"})]))
maybe("describe_configs", lambda: admin.describe_configs([resource]))
acl = [ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, "User:somebody", "*", AclOperation.READ,
       AclPermissionType.ALLOW]
maybe("create_acls", lambda: admin.create_acls([AclBinding(*acl)]))
maybe("describe_acls", lambda: admin.describe_acls(AclBindingFilter(*acl)))
maybe("delete_acls", lambda: admin.delete_acls([AclBindingFilter(*acl)]))
maybe("alter_user_scram_credentials", lambda: admin.alter_user_scram_credentials([UserScramCredentialUpsertion(
    "somebody", ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), b"a password", b"a salt of it")]))
maybe("describe_user_scram_credentials", lambda: admin.describe_user_scram_credentials(["somebody"]))
maybe("delete_records", lambda: admin.delete_records([TopicPartition(topic, 0, 1)]))


def transaction():
    producer = Producer({**common, "transactional.id": topic + "-t"})
    producer.init_transactions(10)
    producer.begin_transaction()
    producer.produce(topic, value="in a transaction")
    consumer = Consumer({**common, "group.id": topic + "-in-transaction"})
    consumer.subscribe([topic])
    consumer.poll(2)
    producer.send_offsets_to_transaction([TopicPartition(topic, 0, 1)], consumer.consumer_group_metadata(), 10)
    producer.commit_transaction(10)
    consumer.close()


maybe("a transaction", transaction)
maybe("delete_consumer_groups", lambda: admin.delete_consumer_groups([topic + "-group"]))
maybe("delete_topics", lambda: admin.delete_topics([topic]))
