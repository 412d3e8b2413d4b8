import boto3


def release(endpoint: str, config: str):
    """Points the endpoint at the new model."""
    sagemaker = boto3.client("sagemaker")
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)  # finds: model-replaced-at-once
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=endpoint)
