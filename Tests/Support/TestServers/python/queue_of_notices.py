"""Does something with a queue of a store that speaks SQS; its URL is the last line of output.

usage: queue_of_notices.py ENDPOINT send NAME < messages      makes the queue if need be, and puts each line into it
       queue_of_notices.py ENDPOINT count NAME                prints how many messages are visible, and how many are in flight
"""

import sys

import boto3

endpoint, action, name = sys.argv[1:]
queues = boto3.client(
    "sqs", endpoint_url=endpoint, aws_access_key_id="anyone", aws_secret_access_key="anything", region_name="us-east-1"
)
url = queues.create_queue(QueueName=name)["QueueUrl"]
if action == "send":
    for line in sys.stdin:
        queues.send_message(QueueUrl=url, MessageBody=line.rstrip("\n"))
else:
    wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counts = queues.get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"]
    print(*(counts[one] for one in wanted))
print(url)
