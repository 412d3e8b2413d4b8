import json

import onnxruntime

session = onnxruntime.InferenceSession("/opt/model.onnx")


def lambda_handler(event, context):  # finds: serving-without-monitoring
    body = json.loads(event["body"])
    output = session.run(None, {"input": [body["features"]]})[0]
    return {"statusCode": 200, "body": json.dumps({"prediction": output.tolist()})}
